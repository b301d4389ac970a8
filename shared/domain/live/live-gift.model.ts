import { collection, requiredRef, requiredText, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** A gift as it was shown in a stream. What it cost and earned is in its GiftTransaction. */
export interface LiveGift {
  readonly stream: Id<'live'>;
  readonly giftTransaction: Id<'giftTransaction'>;
  readonly sender: Id<'user'>;
  readonly gift: string;
  readonly quantity: number;
  /** How many of it came in a row, with this one. */
  readonly combo: number;
}

export const LiveGifts = collection<LiveGift>('LiveGift', {
  fields: {
    stream: requiredRef('LiveStream'),
    giftTransaction: requiredRef('GiftTransaction'),
    sender: requiredRef('User'),
    gift: requiredText,
    quantity: { ...requiredWhole, min: 1 },
    combo: { ...requiredWhole, min: 1 },
  },
  indexes: [
    [{ giftTransaction: 1 }, { unique: true }], // a gift is shown once
    [{ stream: 1, createdAt: -1, _id: -1 }], // what was given in a stream, latest first
    [{ createdAt: 1 }, { expireAfterSeconds: 365 * 86_400 }],
  ],
  personalData: { owner: ['sender'], erase: 'delete' },
});
