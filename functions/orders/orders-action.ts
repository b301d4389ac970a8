import { z } from 'zod';
import { actAsBuyer, BuyerAction } from '#domain/orders/act-on-order.ts';
import { AlreadyAsked } from '#domain/orders/cancel-order.ts';
import { OtherDestination } from '#domain/orders/change-address.ts';
import { ReturnOpen } from '#domain/orders/deliver-order.ts';
import { OrderView, toOrderView } from '#domain/orders/order-view.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Cancel one’s own order, confirm that it came, or change where it goes.',
  method: 'POST',
  path: '/api/orders/:id/actions',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('order') }),
  body: BuyerAction,
  output: z.object({ order: OrderView }),
  problems: [Conflict, AlreadyAsked, NotRefundable, ReturnOpen, OtherDestination],

  handler: async ({ actor, params: { id }, body, now }) => {
    const order = await actAsBuyer(actor.id, id, body, now);
    return { order: toOrderView(order, 'buyer') };
  },
});
