import {
  collection,
  date,
  oneOf,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const PAYMENT_STATUSES = [
  'created',
  'requires_action',
  'authorized',
  'captured',
  'partially_refunded',
  'refunded',
  'failed',
  'cancelled',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];
export const PURPOSES = ['order', 'topup', 'coins'] as const;
export const PROVIDERS = ['stripe', 'wallet'] as const;

export interface ClientAction {
  readonly type: string;
  readonly clientSecret: string;
  readonly url?: string;
}

/** Money on its way in. It exists before the provider is asked, so that nothing can be lost between. */
export interface Payment {
  readonly purpose: (typeof PURPOSES)[number];
  readonly payer: Id<'user'>;
  readonly provider: (typeof PROVIDERS)[number];
  /** The provider's id of the payment; unknown until it first answered. */
  readonly providerRef?: string;
  /** The provider's id of the card. */
  readonly method: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: PaymentStatus;
  /** The provider may still bring news; absent when it has come to an end. */
  readonly open?: true;
  readonly capturedMinor: number;
  readonly refundedMinor: number;
  /** Asked for and not yet back with the buyer. */
  readonly refundingMinor: number;
  readonly allocations: readonly { readonly order: Id<'order'>; readonly amountMinor: number }[];
  readonly failureCode?: string;
  readonly clientAction?: ClientAction;
  readonly dispute: 'none' | 'open' | 'won' | 'lost';
  /** What the buyer's bank has taken back, while a dispute is open and for good when it is lost. */
  readonly disputedMinor: number;
  /** The request it was made for: one request, one payment, however often it is repeated. */
  readonly operation: string;
  readonly timeline: readonly { readonly status: PaymentStatus; readonly at: Date }[];
  /** When the reconciler last asked about it. */
  readonly askedAt?: Date;
  readonly version: number;
}

export const Payments = collection<Payment>('Payment', {
  fields: {
    purpose: oneOf(PURPOSES),
    payer: requiredRef('User'),
    provider: oneOf(PROVIDERS),
    providerRef: text,
    method: requiredText,
    amountMinor: { ...requiredWhole, min: 1 },
    currency: requiredText,
    status: oneOf(PAYMENT_STATUSES, 'created'),
    open: { type: Boolean },
    capturedMinor: { ...whole, required: true, default: 0, min: 0 },
    refundedMinor: { ...whole, required: true, default: 0, min: 0 },
    refundingMinor: { ...whole, required: true, default: 0, min: 0 },
    allocations: {
      type: [part({ order: requiredRef('Order'), amountMinor: { ...requiredWhole, min: 1 } })],
      default: [],
    },
    failureCode: text,
    clientAction: { type: part({ type: requiredText, clientSecret: requiredText, url: text }) },
    dispute: oneOf(['none', 'open', 'won', 'lost'], 'none'),
    disputedMinor: { ...whole, required: true, default: 0, min: 0 },
    operation: requiredText,
    timeline: {
      type: [part({ status: requiredText, at: requiredDate })],
      default: [],
    },
    askedAt: date,
    version,
  },
  indexes: [
    [{ operation: 1 }, { unique: true }], // startPayment
    [
      { provider: 1, providerRef: 1 },
      { unique: true, partialFilterExpression: { providerRef: { $exists: true } } },
    ], // paymentOf
    [{ open: 1, updatedAt: 1, _id: 1 }, { partialFilterExpression: { open: true } }], // unsettledPayments
    [{ payer: 1, createdAt: -1, _id: -1 }], // a person's payments
    [{ dispute: 1, updatedAt: 1, _id: 1 }], // ordersThatNeed a look at a dispute
    [{ 'allocations.order': 1 }], // the payment of an order
  ],
  personalData: {
    owner: ['payer'],
    hidden: ['method', 'providerRef', 'operation', 'clientAction'],
    erase: 'retain',
    because: 'Books of account are kept for ten years; the row holds amounts and ids.',
  },
});
