import {
  collection,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  requiredWhole,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const COMMISSION_STATUSES = ['pending', 'payable', 'paid', 'reversed'] as const;

/** What a creator earns with one line of an order. Minor units of `currency`. */
export interface Commission {
  readonly order: Id<'order'>;
  readonly line: Id<'line'>;
  readonly offer: Id<'offer'>;
  readonly creator: Id<'user'>;
  /** Where the buyer came from. */
  readonly source: { readonly content?: Id<'content'>; readonly live?: Id<'live'> };
  readonly currency: string;
  /** What it was counted from. */
  readonly baseMinor: number;
  /** What is left of it after refunds. */
  readonly amountMinor: number;
  readonly reversedMinor: number;
  readonly status: (typeof COMMISSION_STATUSES)[number];
  /** The payout it went out with. */
  readonly payout?: Id<'payout'>;
}

export const Commissions = collection<Commission>('Commission', {
  fields: {
    order: requiredRef('Order'),
    line: requiredRef('OrderLine'),
    offer: requiredRef('AffiliateOffer'),
    creator: requiredRef('User'),
    source: { type: part({ content: ref('Content'), live: ref('LiveStream') }), default: {} },
    currency: requiredText,
    baseMinor: requiredWhole,
    amountMinor: requiredWhole,
    reversedMinor: { ...whole, required: true, default: 0 },
    status: oneOf(COMMISSION_STATUSES, 'pending'),
    payout: ref('Payout'),
  },
  indexes: [
    [{ order: 1, line: 1 }, { unique: true }], // recordCommissions, reduceCommission
    [{ creator: 1, status: 1, createdAt: -1, _id: -1 }], // commissionsOf with a status
    [{ creator: 1, createdAt: -1, _id: -1 }], // commissionsOf
    [{ creator: 1, payout: 1, _id: 1 }], // payCommissions
    [{ creator: 1, 'source.content': 1, createdAt: -1, _id: -1 }], // commissionsOf a video
    [{ creator: 1, 'source.live': 1, createdAt: -1, _id: -1 }], // commissionsOf a live stream
  ],
  personalData: {
    owner: ['creator'],
    erase: 'retain',
    because: 'Who earned what is kept for ten years.',
  },
});
