import { CouponUpdated } from '#domain/cart/cart-events.ts';
import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderCreated,
  OrderDelivered,
  OrderPaid,
  OrderPartiallyShipped,
  OrderShipped,
  OrderUpdated,
} from '#domain/orders/order-events.ts';
import {
  RefundCancelled,
  RefundFailed,
  RefundRequested,
  RefundReturned,
  RefundSucceeded,
} from '#domain/orders/refund-events.ts';
import {
  ReturnApproved,
  ReturnEscalated,
  ReturnExpired,
  ReturnInTransit,
  ReturnReceived,
  ReturnRejected,
  ReturnRequested,
  ReturnResolved,
  ReturnShipped,
  ReturnUpdated,
  ReturnWithdrawn,
} from '#domain/orders/return-events.ts';
import { ShipmentDelivered } from '#domain/orders/shipment-events.ts';
import {
  AffiliateJoined,
  AffiliateUpdated,
  SellerExpired,
  SellerNeedsInfo,
  SellerRejected,
  SellerRevoked,
  SellerSubmitted,
  SellerSuspended,
  SellerVerified,
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
import {
  PayoutApproved,
  PayoutCancelled,
  PayoutFailed,
  PayoutHeld,
  PayoutPaid,
  PayoutRequested,
  PayoutReturned,
} from '#domain/wallet/payout-events.ts';
import type { DataOf } from '#platform/event.ts';
import { type Id, toId } from '#platform/id.ts';

/** Everything a partner can hear of, by the topic it comes on; one consumer routes each topic. */
export const PARTNER_EVENTS = {
  order: [
    ...([OrderCreated, OrderPaid, OrderConfirmed, OrderPartiallyShipped, OrderShipped] as const),
    ...([OrderDelivered, OrderCompleted, OrderCancelled, OrderUpdated] as const),
    ShipmentDelivered,
    ...([ReturnRequested, ReturnApproved, ReturnRejected, ReturnEscalated] as const),
    ...([ReturnShipped, ReturnInTransit, ReturnReceived, ReturnResolved] as const),
    ...([ReturnWithdrawn, ReturnExpired, ReturnUpdated] as const),
  ],
  payment: [RefundRequested, RefundSucceeded, RefundFailed, RefundCancelled, RefundReturned],
  product: [
    ...([ProductCreated, ProductUpdated, ProductArchived, PriceChanged] as const),
    ...([StockChanged, StockLow, ReviewCreated, ReviewUpdated] as const),
    ...([CouponUpdated, AffiliateUpdated, AffiliateJoined, ShopUpdated] as const),
  ],
  account: [
    ...([SellerSubmitted, SellerVerified, SellerRejected, SellerNeedsInfo] as const),
    ...([SellerExpired, SellerSuspended, SellerRevoked] as const),
  ],
  wallet: [
    ...([PayoutRequested, PayoutHeld, PayoutApproved, PayoutPaid] as const),
    ...([PayoutFailed, PayoutReturned, PayoutCancelled] as const),
  ],
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
