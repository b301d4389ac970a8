import { z } from 'zod';
import { actAsSeller, SellerAction } from '#domain/orders/act-on-order.ts';
import { OrderView, toOrderView } from '#domain/orders/order-view.ts';
import { NotLeft } from '#domain/orders/pieces.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import { AskedToCancel } from '#domain/orders/ship-order.ts';
import { TrackingNumberUsed } from '#domain/orders/shipments.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Ship or cancel what was ordered, answer a wish to cancel, or write a note.',
  method: 'POST',
  path: '/api/seller/orders/:id/actions',
  access: 'seller',
  rateLimit: perActor(240, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('order') }),
  body: SellerAction,
  output: z.object({ order: OrderView }),
  problems: [NoActiveShop, Conflict, NotLeft, AskedToCancel, TrackingNumberUsed, NotRefundable],

  handler: async ({ actor, params: { id }, body, now }) => {
    const shop = await ownShop(actor.id);
    const order = await actAsSeller({ shop: shop._id, seller: actor.id, id }, body, now);
    return { order: toOrderView(order, 'seller') };
  },
});
