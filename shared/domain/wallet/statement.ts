import { z } from 'zod';
import { cardIn, cardsOf, UserCard } from '#domain/users/users.ts';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import {
  TRANSACTION_TYPES,
  type Transaction,
  Transactions,
  type TransactionType,
} from './transaction.model.ts';

/** One line of a statement, as its owner sees it. */
export const StatementLine = z.object({
  id: IdText,
  type: z.enum(TRANSACTION_TYPES),
  direction: z.enum(['in', 'out']),
  /** Minor units, always positive; the direction says which way. */
  amount: z.int(),
  currency: z.string(),
  status: z.enum(['pending', 'completed', 'failed']),
  from: IdText.nullable(),
  to: IdText.nullable(),
  note: z.string().nullable(),
  /** Null until the line has been added to the wallet, which may be a moment after it is spendable. */
  balanceAfter: z.int().nullable(),
  ref: z.object({ type: z.string(), id: IdText }),
  createdAt: z.iso.datetime(),
});
export type StatementLine = z.infer<typeof StatementLine>;

export const LineWithPerson = StatementLine.extend({ counterparty: UserCard.nullable() });

type Line = Transaction & { readonly _id: Id; readonly createdAt?: Date };

export const toStatementLine = (line: Line, now: Date): StatementLine => ({
  id: line._id.toHexString(),
  type: line.type,
  direction: line.direction,
  amount: line.amountMinor,
  currency: line.currency,
  status: line.status,
  from: line.from?.toHexString() ?? null,
  to: line.to?.toHexString() ?? null,
  note: line.note ?? null,
  balanceAfter: line.balanceAfter ?? null,
  ref: { type: line.ref.type, id: line.ref.id.toHexString() },
  createdAt: (line.createdAt ?? now).toISOString(),
});

export interface StatementFilter {
  readonly type?: TransactionType | undefined;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
}

/** A person's statement, newest first. */
export function statementOf(
  user: Id<'user'>,
  { type, from, to }: StatementFilter,
  query: PageQuery,
): Promise<Page<Transaction & Stored>> {
  const period = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
  return findPage<Transaction>({
    model: Transactions,
    where: { user, ...(type && { type }), ...((from || to) && { createdAt: period }) },
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `statement:${user.toHexString()}`,
  });
}

/** Shows lines together with the person on the other side of each. */
export async function withPeople(lines: readonly (Transaction & Stored)[], now: Date) {
  const others = lines.map(({ direction, from, to }) => (direction === 'in' ? from : to));
  const cards = await cardsOf(others.filter((id) => id !== undefined));
  return lines.map((line, index) => {
    const other = others[index];
    const foreign = other && !other.equals(line.user);
    return {
      ...toStatementLine(line, now),
      counterparty: foreign ? cardIn(cards, other) : null,
    };
  });
}
