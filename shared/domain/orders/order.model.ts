import type { PostalAddress } from '#domain/cart/quote.ts';
import {
  collection,
  date,
  flag,
  mixed,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  type Step,
  text,
  timeline,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { type OrderLine, orderLine } from './order-line.ts';

export const ORDER_STATUSES = [
  'pending_payment',
  'on_hold',
  'awaiting_shipment',
  'partially_shipped',
  'shipped',
  'delivered',
  'completed',
  'cancelled',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export const ORDER_DEADLINES = [
  'pay', // the stock hold ends
  'confirm', // the free time to cancel ends, the seller is told to ship
  'ship',
  'late', // cancelled when it is still not shipped
  'consent', // the buyer's wish to cancel is granted when the seller is silent
  'transit', // taken for delivered
  'complete', // the return window ends
] as const;
export type OrderDeadline = (typeof ORDER_DEADLINES)[number];

/** Who has what of an order's money, until it is settled. What is refunded is taken off. */
export interface Shares {
  readonly sellerMinor: number;
  readonly feeMinor: number;
  readonly taxMinor: number;
  /** What the platform put in for its own coupons. */
  readonly promoMinor: number;
  readonly affiliates: readonly {
    readonly line: Id<'line'>;
    readonly creator: Id<'user'>;
    readonly minor: number;
  }[];
}

/** What one buyer bought of one shop in one checkout. */
export interface Order {
  readonly orderNo: string;
  /** The orders that were placed, and are paid, together. */
  readonly checkout: Id<'checkout'>;
  /** On the first order of a checkout: the request that placed it. One request, one checkout. */
  readonly operation?: string;
  readonly buyer: Id<'user'>;
  readonly shop: Id<'shop'>;
  /** The owner of the shop. */
  readonly seller: Id<'user'>;
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  readonly itemsMinor: number;
  /** Of lines and shipping. */
  readonly discountMinor: number;
  readonly shippingMinor: number;
  readonly sellerShippingDiscountMinor: number;
  readonly platformShippingDiscountMinor: number;
  readonly shippingTaxMinor: number;
  /** Of lines and shipping. */
  readonly taxMinor: number;
  /** What the buyer pays. */
  readonly totalMinor: number;
  readonly coupons: readonly {
    readonly coupon: Id<'coupon'>;
    readonly code: string;
    readonly funding: 'seller' | 'platform';
    readonly discountMinor: number;
  }[];
  readonly shippingMethod: {
    readonly code: string;
    readonly name: string;
    readonly minDays: number;
    readonly maxDays: number;
  };
  readonly address: PostalAddress;
  readonly status: OrderStatus;
  /** When the seller has promised to have handed it over; from `awaiting_shipment` on. */
  readonly shipBy?: Date;
  /** What happens next when nobody does anything. */
  readonly deadline?: { readonly kind: OrderDeadline; readonly at: Date };
  /** The latest attempt to pay; absent for what costs nothing. */
  readonly payment?: Id<'payment'>;
  readonly paidAt?: Date;
  readonly invoiceNo?: string;
  /** From the moment it is paid. */
  readonly shares?: Shares;
  /**
   * What the buyer got back, by kind. Shipping and goodwill without tax; goodwill is below zero
   * where what their bank took back was set off.
   */
  readonly refunded: {
    readonly itemsMinor: number;
    readonly shippingMinor: number;
    readonly taxMinor: number;
    readonly goodwillMinor: number;
  };
  /** What the buyer's bank took back for good, by who bore it. */
  readonly chargedBack?: { readonly sellerMinor: number; readonly platformMinor: number };
  /** When the seller's share becomes their own, until it did. */
  readonly settlement?: { readonly dueAt?: Date; readonly settledAt?: Date };
  readonly cancellation?: {
    readonly by: 'buyer' | 'seller' | 'system' | 'staff';
    readonly reason: string;
    /** The buyer asked after the free time; the seller has to agree. */
    readonly requestedAt?: Date;
  };
  /** Something keeps the order from being completed. */
  readonly returnStatus: 'none' | 'open' | 'closed';
  /** The buyer's bank wants the money back: until it has decided, nothing is completed or settled. */
  readonly disputed?: boolean;
  readonly deliveredAt?: Date;
  readonly completedAt?: Date;
  /** What the buyer said when they bought it. */
  readonly note?: string;
  /** What the seller wrote down for themselves. */
  readonly sellerNote?: string;
  readonly timeline: readonly Step[];
  readonly version: number;
}

const amount = { ...requiredWhole, default: 0, min: 0 } as const;
const signed = { ...whole, required: true, default: 0 } as const;

export const Orders = collection<Order>('Order', {
  fields: {
    orderNo: requiredText,
    checkout: requiredRef('Checkout'),
    operation: text,
    buyer: requiredRef('User'),
    shop: requiredRef('Shop'),
    seller: requiredRef('User'),
    currency: requiredText,
    lines: { type: [orderLine], required: true },
    itemsMinor: amount,
    discountMinor: amount,
    shippingMinor: amount,
    sellerShippingDiscountMinor: amount,
    platformShippingDiscountMinor: amount,
    shippingTaxMinor: amount,
    taxMinor: amount,
    totalMinor: amount,
    coupons: {
      type: [
        part({
          coupon: requiredRef('Coupon'),
          code: requiredText,
          funding: oneOf(['seller', 'platform']),
          discountMinor: amount,
        }),
      ],
      default: [],
    },
    shippingMethod: {
      type: part({
        code: requiredText,
        name: requiredText,
        minDays: requiredWhole,
        maxDays: requiredWhole,
      }),
      required: true,
    },
    address: { ...mixed, required: true },
    status: oneOf(ORDER_STATUSES, 'pending_payment'),
    shipBy: date,
    deadline: { type: part({ kind: oneOf(ORDER_DEADLINES), at: requiredDate }) },
    payment: ref('Payment'),
    paidAt: date,
    invoiceNo: text,
    shares: {
      type: part({
        sellerMinor: signed,
        feeMinor: signed,
        taxMinor: signed,
        promoMinor: signed,
        affiliates: {
          type: [
            part({ line: requiredRef('Any'), creator: requiredRef('User'), minor: requiredWhole }),
          ],
          default: [],
        },
      }),
    },
    refunded: {
      type: part({
        itemsMinor: amount,
        shippingMinor: amount,
        taxMinor: amount,
        goodwillMinor: signed,
      }),
      default: {},
    },
    chargedBack: { type: part({ sellerMinor: requiredWhole, platformMinor: requiredWhole }) },
    settlement: { type: part({ dueAt: date, settledAt: date }) },
    cancellation: {
      type: part({
        by: oneOf(['buyer', 'seller', 'system', 'staff']),
        reason: requiredText,
        requestedAt: date,
      }),
    },
    returnStatus: oneOf(['none', 'open', 'closed'], 'none'),
    disputed: flag,
    deliveredAt: date,
    completedAt: date,
    note: text,
    sellerNote: text,
    timeline,
    version,
  },
  indexes: [
    [{ orderNo: 1 }, { unique: true }], // orderByNumber
    [{ checkout: 1, shop: 1 }, { unique: true }], // ordersOfCheckout, and one order a shop
    [{ operation: 1 }, { unique: true, partialFilterExpression: { operation: { $exists: true } } }], // checkoutPlacedBy
    [{ buyer: 1, createdAt: -1, _id: -1 }], // ordersOf
    [{ shop: 1, status: 1, createdAt: -1, _id: -1 }], // ordersOfShop by status
    [{ shop: 1, createdAt: -1, _id: -1 }], // ordersOfShop
    [
      { shop: 1, 'deadline.at': 1, _id: 1 },
      { partialFilterExpression: { 'deadline.at': { $exists: true } } },
    ], // ordersOfShop by deadline
    [{ status: 1, createdAt: -1, _id: -1 }], // allOrders by status
    [{ createdAt: -1, _id: -1 }], // allOrders
    [{ 'lines.id': 1 }], // purchasedLine
    [
      { 'deadline.kind': 1, 'deadline.at': 1, _id: 1 },
      { partialFilterExpression: { 'deadline.at': { $exists: true } } },
    ], // ordersDue
    [
      { 'settlement.dueAt': 1, _id: 1 },
      { partialFilterExpression: { 'settlement.dueAt': { $exists: true } } },
    ], // ordersToSettle
  ],
  personalData: {
    owner: ['buyer', 'seller'],
    hidden: ['operation'],
    erase: { pseudonymise: ['address', 'note', 'sellerNote'] },
    because: 'Books of account are kept for ten years.',
  },
});
