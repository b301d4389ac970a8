import { z } from 'zod';
import { CheckoutView, PaymentMethod, toCheckoutView } from '#domain/orders/checkout-view.ts';
import {
  CurrencyMismatch,
  HoldExpired,
  PaymentPending,
  payAgain,
} from '#domain/orders/pay-checkout.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, InsufficientBalance, NotFound, Unavailable } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Pay in another way for an order, and for all that were placed with it.',
  method: 'POST',
  path: '/api/orders/:id/pay',
  access: 'user',
  restrictedBy: 'pay',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'required',
  effect: 'outside',
  inTurn: 'actor',
  params: z.object({ id: idOf('order') }),
  body: z.object({ paymentMethod: PaymentMethod }),
  output: CheckoutView,
  problems: [
    ...[NotFound, Conflict, HoldExpired, PaymentPending],
    ...[InsufficientBalance, CurrencyMismatch, Unavailable],
  ],

  handler: async ({ actor, params: { id }, body, operationId: operation, now }) => {
    const wish = { order: id, buyer: actor.id, method: body.paymentMethod, operation };
    return toCheckoutView(await payAgain(wish, now));
  },
});
