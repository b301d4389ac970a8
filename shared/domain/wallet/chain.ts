import { createHash } from 'node:crypto';
import type { LedgerEntry } from './ledger-entry.model.ts';

type Hashed = Omit<LedgerEntry, 'hash'>;

/** The hash of an entry: over everything it says and over the entry before it in its journal. */
export function hashOf(entry: Hashed): string {
  const { journal, seq, of, account, currency, debit, credit, event, prevHash, postedAt } = entry;
  const seal = entry.seal && [
    entry.seal.upTo.toHexString(),
    entry.seal.entries,
    entry.seal.digest,
    stable(entry.seal.proof),
  ];
  return createHash('sha256')
    .update(
      JSON.stringify([
        journal,
        seq,
        of,
        account,
        currency,
        debit,
        credit,
        event.type,
        event.id.toHexString(),
        prevHash,
        postedAt.toISOString(),
        ...(seal ?? []),
      ]),
    )
    .digest('base64url');
}

/** The same text for the same content, however its keys are ordered. */
const stable = (value: unknown): unknown =>
  value instanceof Date
    ? value.toISOString()
    : Array.isArray(value)
      ? value.map(stable)
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, part]) => [key, stable(part)])
        : value;

/** Links entries to each other, and the first to what came before. */
export function chained(entries: readonly Omit<Hashed, 'prevHash'>[], after = ''): LedgerEntry[] {
  const linked: LedgerEntry[] = [];
  for (const entry of entries) {
    const unhashed = { ...entry, prevHash: linked.at(-1)?.hash ?? after };
    linked.push({ ...unhashed, hash: hashOf(unhashed) });
  }
  return linked;
}
