import { collection, flag, requiredRef, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** A product somebody saved, and how it was when they last heard of it. */
export interface Wish {
  readonly user: Id<'user'>;
  readonly product: Id<'product'>;
  /** The lowest price they know, in minor units of the product's currency. */
  readonly priceSeen: number;
  /** The product's `restocks` they know of. */
  readonly restocksSeen: number;
  /** They want to be told when it gets cheaper or comes back. */
  readonly notify: boolean;
}

export const Wishlists = collection<Wish>('Wishlist', {
  fields: {
    user: requiredRef('User'),
    product: requiredRef('Product'),
    priceSeen: requiredWhole,
    restocksSeen: requiredWhole,
    notify: flag,
  },
  indexes: [
    [{ user: 1, product: 1 }, { unique: true }], // saveWish
    [{ user: 1, createdAt: -1, _id: -1 }], // wishesOf
    [{ product: 1, notify: 1, priceSeen: 1 }], // noticeWishes: cheaper
    [{ product: 1, notify: 1, restocksSeen: 1 }], // noticeWishes: back in stock
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
