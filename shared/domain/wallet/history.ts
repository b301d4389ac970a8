import { reader } from '#platform/auditor.ts';
import { clock } from '#platform/clock.ts';
import { type Id, newId } from '#platform/id.ts';
import { hashOf } from './chain.ts';
import { LedgerEntries, type LedgerEntry } from './ledger-entry.model.ts';
import { type Difference, type Finding, MOST_DIFFERENCES } from './proof.ts';
import { BEGINNING, Digest, SEAL, type Seals, type Segment } from './seals.ts';

type Row = LedgerEntry & { readonly _id: Id };

const BATCH = 1000;
const MOST_SUSPECTS = 1000;

interface Reading {
  readonly seals: Seals;
  /** What is older is sealed: no transaction that began before can still commit. */
  readonly boundary: Id;
  readonly deadline: Date;
}

interface History extends Finding {
  readonly journals: number;
  /** What is new since the last seal; undefined when the history is not as it was sealed. */
  readonly segment: Segment | undefined;
}

/**
 * Reads all entries in order and proves that each is as it was written, that every journal is
 * whole and balances in each currency, and that nothing sealed was changed, added or taken away.
 */
export async function proveHistory({ seals, boundary, deadline }: Reading): Promise<History> {
  const differences: Difference[] = [...seals.differences];
  const journals = new Journals();
  const segments = new Segments(seals.segments, boundary);
  const end = newId();
  let last = BEGINNING;
  let read = 0;
  for (;;) {
    if (clock.now() > deadline)
      return { differences, read, journals: journals.whole, complete: false, segment: undefined };
    const rows: Row[] = await reader(LedgerEntries)
      .find({ _id: { $gt: last, $lte: end } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .lean();
    for (const row of rows) {
      if (row.account === SEAL) continue;
      read += 1;
      const found = isWhole(row) ? hashOf(row) : 'not an entry';
      if (found !== row.hash && differences.length < MOST_DIFFERENCES)
        differences.push({
          kind: 'entry',
          subject: `${row.journal}/${row.seq}`,
          expected: String(row.hash),
          found,
        });
      segments.add(row);
      journals.add(row);
    }
    last = rows.at(-1)?._id ?? last;
    if (rows.length < BATCH) break;
  }
  const broken = segments.close();
  differences.push(...broken.differences, ...(await examine(journals.suspects())));
  const sound = broken.differences.length === 0 && seals.differences.length === 0;
  const segment = sound ? broken.segment : undefined;
  return { differences, read, journals: journals.whole, complete: true, segment };
}

/** Somebody with their hands in the database can write anything: it must not end the audit. */
const isWhole = ({ event, postedAt }: Partial<Row>): boolean =>
  typeof event?.id?.toHexString === 'function' && postedAt instanceof Date;

/** Holds the entries against the digests they were sealed with. */
class Segments {
  readonly #sealed: readonly Segment[];
  readonly #boundary: Id;
  readonly #differences: Difference[] = [];
  #digest = new Digest();
  #at = 0;

  constructor(sealed: readonly Segment[], boundary: Id) {
    this.#sealed = sealed;
    const last = sealed.at(-1)?.upTo;
    this.#boundary = last && later(last, boundary) ? last : boundary;
  }

  add(row: Row): void {
    for (let next = this.#sealed[this.#at]; next && later(row._id, next.upTo); ) {
      this.#compare(next);
      next = this.#sealed[this.#at];
    }
    if (this.#at < this.#sealed.length || !later(row._id, this.#boundary)) this.#digest.add(row);
  }

  close(): { readonly differences: readonly Difference[]; readonly segment: Segment } {
    for (let next = this.#sealed[this.#at]; next; next = this.#sealed[this.#at])
      this.#compare(next);
    const { entries } = this.#digest;
    const segment = { upTo: this.#boundary, entries, digest: this.#digest.close() };
    return { differences: this.#differences, segment };
  }

  #compare({ upTo, entries, digest }: Segment): void {
    const found = { entries: this.#digest.entries, digest: this.#digest.close() };
    this.#digest = new Digest();
    this.#at += 1;
    if (found.digest !== digest && this.#differences.length < MOST_DIFFERENCES)
      this.#differences.push({
        kind: 'history',
        subject: `up to ${upTo.toHexString()}`,
        expected: `${entries} entries ${digest}`,
        found: `${found.entries} entries ${found.digest}`,
      });
  }
}

const later = (one: Id, other: Id): boolean => one.toHexString() > other.toHexString();

interface Journal {
  next: number;
  readonly of: number;
  hash: string;
  readonly sums: Map<string, number>;
}

/** Follows the journals that are under way; entries of several may alternate. */
class Journals {
  readonly #open = new Map<string, Journal>();
  readonly #suspects = new Set<string>();
  whole = 0;

  add({ journal, seq, of, currency, debit, credit, prevHash, hash }: Row): void {
    const known = this.#open.get(journal) ?? { next: 0, of, hash: '', sums: new Map() };
    if (seq !== known.next || of !== known.of || prevHash !== known.hash)
      return this.#doubt(journal);
    known.next += 1;
    known.hash = hash;
    known.sums.set(currency, (known.sums.get(currency) ?? 0) + credit - debit);
    if (known.next < of) {
      this.#open.set(journal, known);
      return;
    }
    this.#open.delete(journal);
    if ([...known.sums.values()].some((sum) => sum !== 0)) this.#doubt(journal);
    else this.whole += 1;
  }

  #doubt(journal: string): void {
    this.#open.delete(journal);
    if (this.#suspects.size < MOST_SUSPECTS) this.#suspects.add(journal);
  }

  /** Journals that did not look whole. One that was committed while it was read may be. */
  suspects(): string[] {
    return [...this.#suspects, ...this.#open.keys()];
  }
}

async function examine(suspects: readonly string[]): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const journal of suspects) {
    const rows: Row[] = await reader(LedgerEntries)
      .find({ journal })
      .sort({ seq: 1 })
      .limit(BATCH)
      .lean();
    const fault = faultOf(rows);
    if (fault && differences.length < MOST_DIFFERENCES)
      differences.push({ kind: 'journal', subject: journal, ...fault });
  }
  return differences;
}

function faultOf(rows: readonly Row[]): Pick<Difference, 'expected' | 'found'> | undefined {
  const of = rows[0]?.of ?? 0;
  if (rows.length !== of) return { expected: `${of} entries`, found: `${rows.length} entries` };
  const sums = new Map<string, number>();
  for (const [seq, { currency, credit, debit, prevHash }] of rows.entries()) {
    const expected = rows[seq - 1]?.hash ?? '';
    if (prevHash !== expected) return { expected, found: prevHash };
    sums.set(currency, (sums.get(currency) ?? 0) + credit - debit);
  }
  const unbalanced = [...sums].find(([, sum]) => sum !== 0);
  return (
    unbalanced && { expected: `0 ${unbalanced[0]}`, found: `${unbalanced[1]} ${unbalanced[0]}` }
  );
}
