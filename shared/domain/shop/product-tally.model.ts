import { collection, requiredRef, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/**
 * Something that a product's numbers do not include yet. Many sell and review one product at once,
 * and would all wait for its document; each writes a row of their own, and a consumer adds them up.
 */
export interface ProductTally {
  readonly product: Id<'product'>;
  readonly sold: number;
  readonly reviews: number;
  readonly stars: number;
}

export const ProductTallies = collection<ProductTally>('ProductTally', {
  fields: {
    product: requiredRef('Product'),
    sold: { ...requiredWhole, default: 0 },
    reviews: { ...requiredWhole, default: 0 },
    stars: { ...requiredWhole, default: 0 },
  },
  indexes: [
    [{ product: 1, _id: 1 }], // addUp
  ],
  personalData: 'none',
});
