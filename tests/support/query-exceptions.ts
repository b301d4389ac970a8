import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import type { Explained } from './query-watch.ts';

/** A query that may do without what every query must have, and why. */
export interface Exception {
  /** `shared/domain/wallet/history.ts` */
  readonly file: string;
  /** Text of the line that asks, so that an exception moves with its query. */
  readonly code: string;
  /** `untested`: no test asks it. */
  readonly but: 'scan' | 'sort' | 'untested';
  readonly because: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    file: 'shared/domain/wallet/balances.ts',
    code: 'reader(LedgerEntries).aggregate<WholeSum>',
    but: 'scan',
    because: 'The hourly audit adds all accounts up: that is the whole of the books.',
  },
  {
    file: 'shared/domain/wallet/balances.ts',
    code: 'reader(Wallets).aggregate',
    but: 'scan',
    because: 'The hourly audit holds the sum of all wallets against the sum of the books.',
  },
  {
    file: 'shared/domain/content/captions.ts',
    code: 'Captions.find',
    but: 'sort',
    because: 'The text index finds what is said; how well it fits is only known of what was found.',
  },
  {
    file: 'shared/domain/shop/product-search.ts',
    code: "Products.aggregate<Pick<Matched, 'ids'>>",
    but: 'sort',
    because: 'An index finds the words; the best thousand of what was found are ordered.',
  },
  {
    file: 'shared/domain/content/feed.ts',
    code: 'read({ $and: [where, ...beyond] }',
    but: 'sort',
    because:
      'What many creators published is one order of many: some days of it are sorted, and no more.',
  },
  {
    file: 'shared/domain/content/recognise-caption.ts',
    code: 'Captions.updateOne({ _id, status }, { $set: { status } })',
    but: 'untested',
    because: 'Asked for recognitions that go on for more than twenty minutes; it is by _id.',
  },
];

const sources = new Map<string, readonly string[]>();

/** The text of a line of product code, `file:line`. */
export function lineAt(frame: string): string {
  const [file = '', line = '1'] = frame.split(':');
  const lines = sources.get(file) ?? readFileSync(join(ROOT, file), 'utf8').split('\n');
  sources.set(file, lines);
  return lines[Number(line) - 1] ?? '';
}

export const appliesTo = ({ file, code }: Exception, frame: string): boolean =>
  frame.startsWith(`${file}:`) && lineAt(frame).includes(code);

export const allowed = ({ frames, verdict }: Explained): boolean =>
  EXCEPTIONS.some(
    (exception) => exception.but === verdict && frames.some((frame) => appliesTo(exception, frame)),
  );
