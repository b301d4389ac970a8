import { type Id, toId } from '#platform/id.ts';
import type { Product } from './product.model.ts';

/** The shelf on which everything lies that is shown. */
export const EVERYTHING: Id = toId('000000000000000000000000');

type Placed = Pick<Product, 'status' | 'shopOpen' | 'path' | 'shop'>;

/**
 * Where a product lies for everybody. One array answers what is asked of every list at once: that
 * the listing is active, its shop open, and the product in this shop, or this category or one below.
 */
export const shelvesOf = ({ status, shopOpen, path, shop }: Placed): readonly Id[] =>
  status === 'active' && shopOpen ? [EVERYTHING, ...path, shop] : [];

/** The same for an update that does not know the document. */
export const SHELVES = {
  $cond: [
    { $and: [{ $eq: ['$status', 'active'] }, '$shopOpen'] },
    { $concatArrays: [[EVERYTHING], '$path', ['$shop']] },
    [],
  ],
} as const;
