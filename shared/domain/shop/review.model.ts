import {
  collection,
  date,
  oneOf,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What somebody who bought a product says of it. One for each line of an order. */
export interface Review {
  readonly product: Id<'product'>;
  readonly variant: Id<'variant'>;
  readonly shop: Id<'shop'>;
  /** Who sells it, and may answer. */
  readonly seller: Id<'user'>;
  readonly order: Id<'order'>;
  readonly line: Id<'line'>;
  readonly author: Id<'user'>;
  /** Stars. */
  readonly rating: number;
  readonly text: string;
  readonly media: readonly {
    readonly asset: Id<'media'>;
    readonly url: string;
    readonly thumbnailUrl: string;
  }[];
  readonly hasMedia: boolean;
  readonly reply?: { readonly text: string; readonly at: Date };
  readonly status: 'visible' | 'hidden';
  /** How many readers found it helpful. */
  readonly helpful: number;
  readonly editedAt?: Date;
}

export const Reviews = collection<Review>('Review', {
  fields: {
    product: requiredRef('Product'),
    variant: requiredRef('ProductVariant'),
    shop: requiredRef('Shop'),
    seller: requiredRef('User'),
    order: requiredRef('Order'),
    line: requiredRef('Any'),
    author: requiredRef('User'),
    rating: { ...requiredWhole, min: 1, max: 5 },
    text: { type: String, default: '' },
    media: {
      type: [
        part({ asset: requiredRef('MediaAsset'), url: requiredText, thumbnailUrl: requiredText }),
      ],
      default: [],
    },
    hasMedia: { type: Boolean, default: false },
    reply: part({ text: requiredText, at: requiredDate }),
    status: oneOf(['visible', 'hidden'], 'visible'),
    helpful: { ...whole, required: true, default: 0 },
    editedAt: date,
  },
  indexes: [
    [{ line: 1 }, { unique: true }], // createReview
    [{ product: 1, status: 1, createdAt: -1, _id: -1 }], // reviewsOf: latest
    [{ product: 1, status: 1, helpful: -1, _id: -1 }], // reviewsOf: most helpful
    [{ author: 1, createdAt: -1, _id: -1 }], // what somebody wrote
  ],
  personalData: {
    owner: ['author'],
    erase: { pseudonymise: ['text'] },
    because: 'The stars stay, because the average of a product was counted with them.',
  },
});
