import { z } from 'zod';
import { ConfirmationFailed, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { Code, confirm } from '#domain/auth/second-factor.ts';
import { setting } from '#domain/system/settings.ts';
import { UserHandle } from '#domain/users/users.ts';
import { GivenPassword } from '#domain/users/words.ts';
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
      /** The password or a code is asked for above the limit of `GET /api/config`. */
      password: GivenPassword.optional(),
      code: Code.optional(),
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
  problems: [ConfirmationFailed, InsufficientBalance, LimitExceeded, NotFound, TooManyAttempts],

  handler: async ({ actor, body: { to, toUserId, amount, note, ...confirmation }, now }) => {
    // In the transaction of the transfer: a code is spent when the money moves, and not else.
    if (amount > (await setting('wallet.confirmOverMinor')))
      await confirm(actor.id, confirmation, now);
    const recipient = to ?? toUserId ?? '';
    const wish = { from: actor.id, to: recipient, amountMinor: amount, note };
    const line = await transfer(wish, now);
    return { transaction: toStatementLine(line, now), balance: line.balanceAfter ?? 0 };
  },
});
