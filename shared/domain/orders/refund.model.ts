import {
  collection,
  date,
  flag,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  version,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import type { Refunded } from './refund-shares.ts';

export const REFUND_STATUSES = [
  'pending',
  'processing',
  'succeeded',
  'failed',
  'manual',
  'cancelled',
  'returned',
] as const;
export type RefundStatus = (typeof REFUND_STATUSES)[number];
export const INITIATORS = ['buyer', 'seller', 'system', 'staff'] as const;
export type Initiator = (typeof INITIATORS)[number];
export const MOST_REFUNDS = 200;

/** Money on its way back to a buyer. It exists, and is counted, before anybody is asked to send it. */
export interface Refund extends Refunded {
  readonly order: Id<'order'>;
  readonly buyer: Id<'user'>;
  readonly shop: Id<'shop'>;
  /** What it gives back; absent for an order that cost nothing. */
  readonly payment?: Id<'payment'>;
  readonly return?: Id<'return'>;
  readonly currency: string;
  /** All of it. */
  readonly amountMinor: number;
  /**
   * Where the money lies: with those who earned of the order, before or after it was settled, or
   * untouched in escrow when nothing was delivered for it. Fixed when it is asked for.
   */
  readonly from: 'escrow' | 'pending' | 'available';
  readonly reason: string;
  readonly initiatedBy: Initiator;
  /** The goods can be sold again. */
  readonly restock: boolean;
  readonly status: RefundStatus;
  /** It has not come to an answer yet; absent when it has. */
  readonly open?: true;
  /** Into the buyer's wallet instead of back to where it came from. */
  readonly toWallet?: true;
  /**
   * Called off because the buyer has been paid otherwise: their bank took all of it back, or the
   * order is cancelled all the same. What was taken for it stays taken.
   */
  readonly writtenOff?: true;
  readonly providerRef?: string;
  readonly failureCode?: string;
  /** How often the provider was asked and said no. */
  readonly attempts: number;
  /** When a failed one is tried again. */
  readonly nextAt?: Date;
  /** What it is for: one refund for each, however often it is asked for. */
  readonly idempotencyRef: string;
  /** When the job last asked about it. */
  readonly askedAt?: Date;
  readonly timeline: readonly { readonly status: RefundStatus; readonly at: Date }[];
  readonly version: number;
}

const amount = { ...requiredWhole, default: 0, min: 0 } as const;
const signed = { ...requiredWhole, default: 0 } as const;

export const Refunds = collection<Refund>('Refund', {
  fields: {
    order: requiredRef('Order'),
    buyer: requiredRef('User'),
    shop: requiredRef('Shop'),
    payment: ref('Payment'),
    return: ref('ReturnRequest'),
    currency: requiredText,
    lines: {
      type: [
        part({
          line: requiredRef('Any'),
          quantity: { ...requiredWhole, min: 1 },
          paidMinor: amount,
          promoMinor: amount,
          feeMinor: amount,
          taxMinor: amount,
          affiliateMinor: amount,
        }),
      ],
      default: [],
    },
    shipping: {
      type: part({ paidMinor: amount, promoMinor: amount, taxMinor: amount }),
      default: {},
    },
    goodwill: { type: part({ sellerMinor: signed, platformMinor: signed }), default: {} },
    amountMinor: amount,
    from: oneOf(['escrow', 'pending', 'available']),
    reason: requiredText,
    initiatedBy: oneOf(INITIATORS),
    restock: flag,
    status: oneOf(REFUND_STATUSES, 'pending'),
    open: { type: Boolean },
    writtenOff: { type: Boolean },
    toWallet: { type: Boolean },
    providerRef: text,
    failureCode: text,
    attempts: amount,
    nextAt: date,
    idempotencyRef: requiredText,
    askedAt: date,
    timeline: { type: [part({ status: requiredText, at: requiredDate })], default: [] },
    version,
  },
  indexes: [
    [{ idempotencyRef: 1 }, { unique: true }], // refundFor
    [{ order: 1, _id: 1 }], // refundsOf
    [{ payment: 1, _id: 1 }], // the refunds of a payment
    [{ status: 1, updatedAt: 1, _id: 1 }], // the staff's list
    [{ open: 1, updatedAt: 1, _id: 1 }, { partialFilterExpression: { open: true } }], // refundsUnderway
    [{ nextAt: 1, _id: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } }], // refundsToRetry
  ],
  personalData: {
    owner: ['buyer'],
    hidden: ['providerRef', 'idempotencyRef'],
    erase: 'retain',
    because: 'Books of account are kept for ten years; the row holds amounts and ids.',
  },
});
