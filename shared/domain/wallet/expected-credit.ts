import { type Id, newId } from '#platform/id.ts';
import type { TransactionRow } from './ledger.ts';
import { Transactions, type TransactionType } from './transaction.model.ts';

interface Expectation {
  readonly user: Id<'user'>;
  readonly type: TransactionType;
  readonly amountMinor: number;
  readonly currency: string;
  /** What the credit depends on, a payment for instance. */
  readonly ref: { readonly type: string; readonly id: Id };
}

/** Shows on the statement what may still come. It is no money yet: `post` makes it so. */
export async function expectCredit(expected: Expectation): Promise<TransactionRow> {
  const { user } = expected;
  const line = {
    ...expected,
    _id: newId<'transaction'>(),
    to: user,
    direction: 'in' as const,
    status: 'pending' as const,
  };
  await Transactions.create([line]);
  return line;
}

/** The line that shows what is expected of this, whatever has become of it. */
export const expectedCredit = (
  user: Id<'user'>,
  ref: Expectation['ref'],
): Promise<TransactionRow | null> =>
  Transactions.findOne({ 'ref.id': ref.id, 'ref.type': ref.type, user, direction: 'in' })
    .lean<TransactionRow>()
    .exec();

/** Says on the statement that nothing came of it. */
export async function giveUpCredit(user: Id<'user'>, ref: Expectation['ref']): Promise<void> {
  await Transactions.updateOne(
    { 'ref.id': ref.id, 'ref.type': ref.type, user, status: 'pending' },
    { $set: { status: 'failed' } },
  );
}
