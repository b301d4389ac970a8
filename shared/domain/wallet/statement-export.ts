import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { toStatementLine } from './statement.ts';
import { type Transaction, Transactions } from './transaction.model.ts';

/** How many lines one export holds; a longer period is asked for in parts. */
const MOST_LINES = 5000;

/** A statement as a table that spreadsheets open. */
export const StatementExport = z.object({
  fileName: z.string(),
  contentType: z.literal('text/csv'),
  /** The table, with a line of headings; RFC 4180. */
  csv: z.string(),
  lines: z.int(),
  /** False when the period holds more lines than one export: the newest are there. */
  complete: z.boolean(),
});

const COLUMNS = [
  ...['id', 'createdAt', 'type', 'direction', 'amount', 'currency', 'status'],
  ...['from', 'to', 'note', 'balanceAfter', 'ref'],
] as const;

interface Period {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** A person's statement of a period, newest first. Amounts are minor units, below zero for what left. */
export async function exportStatement(
  user: Id<'user'>,
  { from, to }: Period,
  now: Date,
): Promise<z.infer<typeof StatementExport>> {
  const found = await Transactions.find({ user, createdAt: { $gte: from, $lt: to } })
    .sort({ createdAt: -1, _id: -1 })
    .limit(MOST_LINES + 1)
    .lean<(Transaction & Stored)[]>();
  const lines = found.slice(0, MOST_LINES).map((line) => rowOf(line, now));
  const day = (at: Date): string => at.toISOString().slice(0, 10);
  return {
    fileName: `statement-${day(from)}-${day(to)}.csv`,
    contentType: 'text/csv',
    csv: [COLUMNS, ...lines].map((cells) => `${cells.join(',')}\r\n`).join(''),
    lines: lines.length,
    complete: found.length <= MOST_LINES,
  };
}

function rowOf(line: Transaction & Stored, now: Date): string[] {
  const shown = toStatementLine(line, now);
  const amount = line.direction === 'in' ? shown.amount : -shown.amount;
  return [
    ...[shown.id, shown.createdAt, shown.type, shown.direction, String(amount), shown.currency],
    ...[shown.status, shown.from ?? '', shown.to ?? '', cell(shown.note ?? '')],
    ...[shown.balanceAfter === null ? '' : String(shown.balanceAfter)],
    `${shown.ref.type}:${shown.ref.id}`,
  ];
}

/** Text from people: quoted where it must be, and never read as a formula. */
function cell(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
