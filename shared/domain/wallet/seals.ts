import { createHash, type Hash } from 'node:crypto';
import { reader } from '#platform/auditor.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, toId } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { chained, hashOf } from './chain.ts';
import { LedgerEntries, type LedgerEntry } from './ledger-entry.model.ts';
import { type Difference, Proof } from './proof.ts';

/** The account of seals. A seal moves nothing: it says what the history was, and cannot be unsaid. */
export const SEAL = 'seal';
const BATCH = 500;

/** What later audits hold the history against. */
export interface Segment {
  readonly upTo: Id;
  readonly entries: number;
  readonly digest: string;
}

export interface Seals {
  readonly segments: readonly Segment[];
  readonly lastHash: string;
  readonly differences: readonly Difference[];
}

const journalName = (number: number): string => `${SEAL}:${String(number).padStart(8, '0')}`;

/** All seals in order, each checked against the one before it. */
export async function readSeals(): Promise<Seals> {
  const segments: Segment[] = [];
  const differences: Difference[] = [];
  let lastHash = '';
  for (;;) {
    const rows = await reader(LedgerEntries)
      .find({
        account: SEAL,
        journal: { $gte: journalName(segments.length), $lt: `${SEAL};` },
      })
      .sort({ journal: 1, seq: 1 })
      .limit(BATCH)
      .lean();
    for (const row of rows) {
      const expected = journalName(segments.length);
      if (row.journal !== expected || row.prevHash !== lastHash || hashOf(row) !== row.hash)
        differences.push({
          kind: 'history',
          subject: row.journal,
          expected: `${expected} after ${lastHash}`,
          found: `${row.journal} after ${row.prevHash}`,
        });
      lastHash = row.hash;
      if (row.seal) segments.push(row.seal);
    }
    if (rows.length < BATCH) return { segments, lastHash, differences };
  }
}

/** Adds the entries of one segment up, in order, into one digest. */
export class Digest {
  readonly #hash: Hash = createHash('sha256');
  entries = 0;

  add({ _id, hash }: { readonly _id: Id; readonly hash: string }): void {
    this.entries += 1;
    this.#hash.update(`${_id.toHexString()} ${hash}\n`);
  }

  close(): string {
    return this.#hash.digest('base64url');
  }
}

/** The start of history. */
export const BEGINNING = toId<string>('0'.repeat(24));

/**
 * Seals a segment together with the proof that was made of it. The line in the log is a witness
 * outside the database. False when another audit was faster.
 */
export async function seal(
  { segments, lastHash }: Seals,
  segment: Segment,
  proof: Proof,
  now: Date,
): Promise<boolean> {
  const number = segments.length;
  const plain: Record<string, unknown> = JSON.parse(JSON.stringify(proof));
  const unlinked: Omit<LedgerEntry, 'hash' | 'prevHash'> = {
    journal: journalName(number),
    seq: 0,
    of: 1,
    account: SEAL,
    currency: '',
    debit: 0,
    credit: 0,
    event: { type: SEAL, id: segment.upTo },
    postedAt: now,
    seal: { ...segment, proof: plain },
  };
  const [entry] = chained([unlinked], lastHash);
  try {
    await LedgerEntries.create(entry ? [entry] : []);
  } catch (error) {
    if (duplicateKey(error) === undefined) throw error;
    return false;
  }
  log.info('ledger sealed', { number, hash: entry?.hash, upTo: segment.upTo.toHexString() });
  return true;
}

/** The latest proofs, newest first. */
export async function latestProofs(limit: number): Promise<Proof[]> {
  const rows = await LedgerEntries.find({ account: SEAL }, { seal: 1 })
    .sort({ postedAt: -1, _id: -1 })
    .limit(limit)
    .lean();
  return rows.map(({ seal: sealed }) => Proof.parse(sealed?.proof));
}
