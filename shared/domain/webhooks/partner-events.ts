import { CouponUpdated } from '#domain/cart/cart-events.ts';
import { ORDER_STEPS, OrderCreated, OrderUpdated } from '#domain/orders/order-events.ts';
import { REFUND_EVENTS } from '#domain/orders/refund-events.ts';
import { RETURN_EVENTS } from '#domain/orders/return-events.ts';
import { ShipmentDelivered } from '#domain/orders/shipment-events.ts';
import {
  AffiliateJoined,
  AffiliateUpdated,
  SELLER_EVENTS,
  ShopUpdated,
} from '#domain/sellers/seller-events.ts';
import {
  PriceChanged,
  ProductArchived,
  ProductCreated,
  ProductUpdated,
  ReviewCreated,
  ReviewUpdated,
  StockChanged,
  StockLow,
} from '#domain/shop/product-events.ts';
import { PAYOUT_EVENTS } from '#domain/wallet/payout-events.ts';
import type { DataOf } from '#platform/event.ts';
import { type Id, toId } from '#platform/id.ts';

/** Everything a partner can hear of, by the topic it comes on; one consumer routes each topic. */
export const PARTNER_EVENTS = {
  order: [OrderCreated, ...ORDER_STEPS, OrderUpdated, ShipmentDelivered, ...RETURN_EVENTS],
  payment: REFUND_EVENTS,
  product: [
    ...([ProductCreated, ProductUpdated, ProductArchived, PriceChanged] as const),
    ...([StockChanged, StockLow, ReviewCreated, ReviewUpdated] as const),
    ...([CouponUpdated, AffiliateUpdated, AffiliateJoined, ShopUpdated] as const),
  ],
  account: SELLER_EVENTS,
  wallet: PAYOUT_EVENTS,
} as const;

type PartnerEvent = (typeof PARTNER_EVENTS)[keyof typeof PARTNER_EVENTS][number];
export type WebhookEvent = PartnerEvent['type'];

/** The shop whose business an event is; none where a person is paid or verified for themselves. */
export function shopConcerned(data: DataOf<PartnerEvent>): Id<'shop'> | undefined {
  if ('shopId' in data) return data.shopId;
  return 'payeeType' in data && data.payeeType === 'shop'
    ? toId<'shop'>(data.payeeId.toHexString())
    : undefined;
}

/** A partner event as its consumer gets it. */
export interface Happening {
  readonly type: WebhookEvent;
  readonly eventId: string;
  readonly occurredAt: Date;
  /** Ids and states; the rest is read through the API. */
  readonly data: DataOf<PartnerEvent>;
}
