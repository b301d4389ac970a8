import { z } from 'zod';
import { UserHandle } from '#domain/users/users.ts';
import { StatementLine, toStatementLine } from '#domain/wallet/statement.ts';
import { LimitExceeded, transfer } from '#domain/wallet/transfer.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AmountMinor } from '#platform/money.ts';
import { InsufficientBalance, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Give money to another person, at once.',
  method: 'POST',
  path: '/api/wallet/transfer',
  access: 'verified',
  restrictedBy: 'pay',
  rateLimit: perActor(120, 'minute'),
  idempotency: 'derived',
  inTurn: 'actor',
  body: z
    .object({
      to: UserHandle.optional(),
      /** The older name of `to`. */
      toUserId: UserHandle.optional(),
      /** Minor units of the wallet’s currency. */
      amount: AmountMinor,
      note: z.string().trim().min(1).max(200).optional(),
    })
    .refine(({ to, toUserId }) => (to === undefined) !== (toUserId === undefined), {
      path: ['to'],
      message: 'say either to or toUserId',
    }),
  status: 201,
  output: z.object({
    transaction: StatementLine,
    /** What the sender has left, in minor units. */
    balance: z.int(),
  }),
  problems: [InsufficientBalance, LimitExceeded, NotFound],

  handler: async ({ actor, body: { to, toUserId, amount, note }, now }) => {
    const recipient = to ?? toUserId ?? '';
    const wish = { from: actor.id, to: recipient, amountMinor: amount, note };
    const line = await transfer(wish, now);
    return { transaction: toStatementLine(line, now), balance: line.balanceAfter ?? 0 };
  },
});
