import {
  collection,
  oneOf,
  part,
  requiredRef,
  requiredText,
  requiredWhole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What a gift was given for. */
export const GIFT_CONTEXTS = ['live', 'content', 'user'] as const;

export interface GiftContext {
  readonly type: (typeof GIFT_CONTEXTS)[number];
  readonly id: Id;
}

/** A gift that was paid for. It is never changed: how it is shown lies elsewhere. */
export interface GiftTransaction {
  readonly sender: Id<'user'>;
  readonly receiver: Id<'user'>;
  /** Its code; prices may have changed since. */
  readonly gift: string;
  readonly quantity: number;
  readonly coins: number;
  readonly diamonds: number;
  readonly context: GiftContext;
  readonly journal: string;
}

export const GiftTransactions = collection<GiftTransaction>('GiftTransaction', {
  fields: {
    sender: requiredRef('User'),
    receiver: requiredRef('User'),
    gift: requiredText,
    quantity: { ...requiredWhole, min: 1 },
    coins: { ...requiredWhole, min: 1 },
    diamonds: { ...requiredWhole, min: 0 },
    context: {
      type: part({ type: oneOf(GIFT_CONTEXTS), id: requiredRef('Any') }),
      required: true,
    },
    journal: requiredText,
  },
  indexes: [
    [{ sender: 1, createdAt: -1, _id: -1 }], // spentSince
    [{ 'context.id': 1, sender: 1, createdAt: -1, _id: -1 }], // comboOf, earnedIn
  ],
  personalData: {
    owner: ['sender', 'receiver'],
    erase: 'retain',
    because: 'Books of account are kept for ten years; the row holds amounts and ids.',
  },
});
