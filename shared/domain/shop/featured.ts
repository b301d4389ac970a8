import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type Product, Products } from './product.model.ts';
import { type ListedProduct, withShops } from './product-search.ts';
import type { ProductRow } from './products.ts';
import { EVERYTHING } from './shelves.ts';

/** What staff chose for the front page, in their order. */
export async function featuredProducts(query: PageQuery): Promise<Page<ListedProduct>> {
  const page = await findPage<Product>({
    model: Products,
    where: { shelves: EVERYTHING, featuredRank: { $exists: true } },
    sort: { field: 'featuredRank', direction: 1 },
    query,
    scope: 'products:featured',
  });
  return { ...page, items: await withShops(page.items as readonly ProductRow[]) };
}
