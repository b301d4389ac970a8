import {
  collection,
  date,
  requiredDate,
  requiredRef,
  requiredText,
  version,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What somebody is about to buy. One a person; its lines are `CartItem`s. */
export interface Cart {
  readonly user: Id<'user'>;
  readonly currency: string;
  /** The codes that were applied, in the order in which they are tried. */
  readonly coupons: readonly string[];
  /** Grows with every change. Written first by all of them, so that they follow one another. */
  readonly version: number;
  readonly lastActiveAt: Date;
  /** Present while something lies in it of which its owner has not been reminded. */
  readonly idleSince?: Date;
}

export const Carts = collection<Cart>('Cart', {
  fields: {
    user: requiredRef('User'),
    currency: requiredText,
    coupons: { type: [String], default: [] },
    version,
    lastActiveAt: requiredDate,
    idleSince: date,
  },
  indexes: [
    [{ user: 1 }, { unique: true }], // cartOf
    [{ lastActiveAt: 1, _id: 1 }], // cartsToForget
    [{ idleSince: 1, _id: 1 }, { partialFilterExpression: { idleSince: { $exists: true } } }], // idleCarts
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
