import {
  collection,
  oneOf,
  requiredDate,
  requiredRef,
  requiredWhole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const MOVEMENT_KINDS = ['initial', 'adjust', 'set'] as const;

/** One change of stock by its seller. Written once, never changed; what was sold is in the reservations. */
export interface StockMovement {
  readonly variant: Id<'variant'>;
  readonly product: Id<'product'>;
  readonly shop: Id<'shop'>;
  readonly kind: (typeof MOVEMENT_KINDS)[number];
  /** How many more there are. */
  readonly by: number;
  /** What could be bought after it. */
  readonly available: number;
  /** `delivery`, `counted 12 in the back room` */
  readonly reason: string;
  readonly actor: Id<'user'>;
  readonly at: Date;
}

export const StockMovements = collection<StockMovement>('StockMovement', {
  fields: {
    variant: requiredRef('ProductVariant'),
    product: requiredRef('Product'),
    shop: requiredRef('Shop'),
    kind: oneOf(MOVEMENT_KINDS),
    by: requiredWhole,
    available: requiredWhole,
    reason: { type: String, default: '' },
    actor: requiredRef('User'),
    at: requiredDate,
  },
  indexes: [
    [{ variant: 1, at: -1, _id: -1 }], // movementsOf
  ],
  personalData: {
    owner: ['actor'],
    erase: 'retain',
    because: 'Part of the books of a shop, which are kept for ten years.',
  },
});
