import {
  collection,
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

export const RETURN_STATUSES = [
  'requested',
  'approved',
  'rejected',
  'escalated',
  'awaiting_parcel',
  'in_transit',
  'received',
  'resolved',
  'withdrawn',
  'expired',
] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];
/** Goods for money; money only, for what is not worth sending; and what never was in the parcel. */
export const RETURN_TYPES = ['return_refund', 'refund_only', 'missing_item'] as const;
export const RETURN_REASONS = [
  'changed_mind',
  'does_not_fit',
  'arrived_late',
  'damaged',
  'defective',
  'wrong_item',
  'not_as_described',
  'not_in_parcel',
] as const;
export type ReturnReason = (typeof RETURN_REASONS)[number];

export const RETURN_DEADLINES = [
  'answer', // the seller is silent: approved
  'ship', // the buyer does not send it: expired
  'transit', // taken for arrived
  'arrived', // nobody says that it came: received
  'settle', // the seller does not object: refunded
  'appeal', // the buyer accepts the refusal
] as const;
export type ReturnDeadline = (typeof RETURN_DEADLINES)[number];
export const CONDITIONS = ['resellable', 'used', 'damaged'] as const;
export const OUTCOMES = ['full', 'partial', 'none'] as const;
/** Who bears what the buyer had paid for shipping. */
export const SHIPPING_BY = ['buyer', 'seller', 'platform'] as const;

/** What one side says, with what shows it. */
export interface Statement {
  readonly by: 'buyer' | 'seller';
  readonly note: string;
  readonly evidence: readonly {
    readonly asset: Id<'media'>;
    readonly url: string;
    readonly thumbnailUrl: string;
  }[];
  readonly at: Date;
}

/** A buyer wants money back for something that was delivered, or should have been. */
export interface ReturnRequest {
  readonly order: Id<'order'>;
  readonly buyer: Id<'user'>;
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly currency: string;
  readonly type: (typeof RETURN_TYPES)[number];
  readonly reason: ReturnReason;
  readonly lines: readonly { readonly line: Id<'line'>; readonly quantity: number }[];
  readonly status: ReturnStatus;
  /** The order waits for it; absent when it has come to an end. */
  readonly open?: true;
  /** What happens next when nobody does anything. */
  readonly deadline?: { readonly kind: ReturnDeadline; readonly at: Date };
  readonly statements: readonly Statement[];
  /** Until when both sides may add to them, once it is escalated. */
  readonly evidenceUntil?: Date;
  /** What the seller would pay for the goods to stay where they are. */
  readonly offerMinor?: number;
  readonly parcel?: Id<'shipment'>;
  /** In which the goods came back. */
  readonly condition?: (typeof CONDITIONS)[number];
  readonly resolution?: {
    readonly outcome: (typeof OUTCOMES)[number];
    readonly by: 'buyer' | 'seller' | 'system' | 'staff';
    readonly amountMinor: number;
    readonly shippingBy: (typeof SHIPPING_BY)[number];
    readonly note?: string;
  };
  readonly timeline: readonly Step[];
  readonly version: number;
}

const whoever = ['buyer', 'seller', 'system', 'staff'] as const;

export const ReturnRequests = collection<ReturnRequest>('ReturnRequest', {
  fields: {
    order: requiredRef('Order'),
    buyer: requiredRef('User'),
    shop: requiredRef('Shop'),
    seller: requiredRef('User'),
    currency: requiredText,
    type: oneOf(RETURN_TYPES),
    reason: oneOf(RETURN_REASONS),
    lines: {
      type: [part({ line: requiredRef('Any'), quantity: { ...requiredWhole, min: 1 } })],
      required: true,
    },
    status: oneOf(RETURN_STATUSES, 'requested'),
    open: { type: Boolean },
    deadline: { type: part({ kind: oneOf(RETURN_DEADLINES), at: requiredDate }) },
    statements: {
      type: [
        part({
          by: oneOf(['buyer', 'seller']),
          note: { type: String, default: '' },
          evidence: {
            type: [
              part({
                asset: requiredRef('MediaAsset'),
                url: requiredText,
                thumbnailUrl: requiredText,
              }),
            ],
            default: [],
          },
          at: requiredDate,
        }),
      ],
      default: [],
    },
    evidenceUntil: { type: Date },
    offerMinor: whole,
    parcel: ref('Shipment'),
    condition: { type: String, enum: [...CONDITIONS] },
    resolution: {
      type: part({
        outcome: oneOf(OUTCOMES),
        by: oneOf(whoever),
        amountMinor: requiredWhole,
        shippingBy: oneOf(SHIPPING_BY),
        note: text,
      }),
    },
    timeline,
    version,
  },
  indexes: [
    [{ order: 1, _id: 1 }], // returnsOf
    [
      { order: 1, open: 1 },
      { unique: true, partialFilterExpression: { open: true } },
    ], // one at a time
    [
      { 'deadline.at': 1, _id: 1 },
      { partialFilterExpression: { 'deadline.at': { $exists: true } } },
    ], // returnsDue
    [{ status: 1, updatedAt: 1, _id: 1 }], // escalatedReturns
    [{ buyer: 1, createdAt: -1, _id: -1 }], // returnsOfBuyer
    [{ shop: 1, createdAt: -1, _id: -1 }], // returnsOfShop
  ],
  personalData: {
    owner: ['buyer', 'seller'],
    erase: { pseudonymise: ['statements'] },
    because: 'Part of the order, which is kept for ten years.',
  },
});
