import { z } from 'zod';
import { PaymentView, toPaymentView } from '#domain/orders/payments.ts';
import { PaymentDeclined, topUp } from '#domain/orders/top-up.ts';
import { StatementLine, toStatementLine } from '#domain/wallet/statement.ts';
import { LimitExceeded } from '#domain/wallet/transfer.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AmountMinor } from '#platform/money.ts';
import { Unavailable } from '#platform/problem.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Start to put money into the wallet. The balance moves when the provider confirms.',
  method: 'POST',
  path: '/api/wallet/topup',
  access: 'verified',
  restrictedBy: 'pay',
  rateLimit: perActorShared(20, 'minute'),
  idempotency: 'derived',
  effect: 'outside',
  body: z.object({
    /** Minor units of the wallet’s currency. */
    amount: AmountMinor,
    /** The provider’s id of a card. */
    paymentMethod: z
      .string()
      .trim()
      .regex(/^\w{1,100}$/),
  }),
  status: 201,
  output: z.object({ transaction: StatementLine, payment: PaymentView }),
  problems: [PaymentDeclined, LimitExceeded, Unavailable],

  handler: async ({ actor, body: { amount, paymentMethod }, operationId, now }) => {
    const wish = { user: actor.id, amountMinor: amount, method: paymentMethod };
    const { payment, line } = await topUp({ ...wish, operation: operationId }, now);
    return { transaction: toStatementLine(line, now), payment: toPaymentView(payment) };
  },
});
