import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ShopCard, shopsById, toShopCard } from '#domain/sellers/shops.ts';
import { line } from '#domain/users/words.ts';
import { type Id, idOf } from '#platform/id.ts';
import {
  decodeCursor,
  encodeCursor,
  type Filter,
  findPage,
  following,
  offsetOf,
  type Page,
  PageQuery,
  type Sort,
  sortKeys,
} from '#platform/page.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { type Product, Products } from './product.model.ts';
import { ProductCard, type ProductRow, toProductCard } from './products.ts';
import { COUNTED, counted, type Facets, toFacets } from './search-facets.ts';
import { hasWords, havingAll, havingAny, type Lookup } from './search-words.ts';
import { EVERYTHING } from './shelves.ts';

const Minor = z.coerce.number().int().min(0).max(1_000_000_000);

export const SearchQuery = PageQuery.extend({
  q: line(100).refine(hasWords, 'needs a letter or a digit').optional(),
  /** The id of a category; what lies in those below it is found, too. */
  category: idOf('category').optional(),
  shop: idOf('shop').optional(),
  /** Of the lowest price, in minor units. */
  minPrice: Minor.optional(),
  maxPrice: Minor.optional(),
  /** At least so many stars. */
  rating: z.coerce.number().int().min(1).max(5).optional(),
  inStock: z.stringbool().optional(),
  sort: z
    .enum(['relevance', 'newest', 'price_asc', 'price_desc', 'bestselling', 'rating'])
    .default('relevance'),
});
export type SearchQuery = z.infer<typeof SearchQuery>;

/** A product where several shops lie side by side. */
export const ListedProduct = ProductCard.extend({ shop: ShopCard.nullable() });
export type ListedProduct = z.infer<typeof ListedProduct>;

/** Every order has its index; what sells is what is relevant where no words are given. */
const SORTS: Readonly<Record<SearchQuery['sort'], Sort>> = {
  relevance: { field: 'soldCount', direction: -1 },
  newest: { field: '_id', direction: -1 },
  price_asc: { field: 'price.minMinor', direction: 1 },
  price_desc: { field: 'price.minMinor', direction: -1 },
  bestselling: { field: 'soldCount', direction: -1 },
  rating: { field: 'rating.average', direction: -1 },
};

export interface Found {
  readonly page: Page<ListedProduct>;
  /** What the best matches are like; left out behind a cursor. */
  readonly facets?: Facets;
}

/** Finds what is on sale, by words, by shelf and by property. */
export async function searchProducts(query: SearchQuery): Promise<Found> {
  if (query.minPrice !== undefined && query.maxPrice !== undefined)
    if (query.minPrice > query.maxPrice)
      throw new ValidationFailed({ field: 'minPrice', details: ['minPrice: above maxPrice'] });
  const { page, facets } = await (query.q === undefined ? browse(query) : match(query, query.q));
  const items = await withShops(page.items);
  return { page: { ...page, items }, ...(facets && { facets }) };
}

/** Each with the card of its shop, in one query. */
export async function withShops(products: readonly ProductRow[]): Promise<ListedProduct[]> {
  const shops = await shopsById(products.map(({ shop }) => shop));
  return products.map((product) => {
    const shop = shops.get(product.shop.toHexString());
    return { ...toProductCard(product), shop: shop ? toShopCard(shop) : null };
  });
}

function filterOf({ category, shop, minPrice, maxPrice, rating, inStock }: SearchQuery): Filter {
  const shelves = [category, shop].filter((shelf) => shelf !== undefined);
  const [only = EVERYTHING] = shelves;
  const price = {
    ...(minPrice !== undefined && { $gte: minPrice }),
    ...(maxPrice !== undefined && { $lte: maxPrice }),
  };
  return {
    shelves: shelves.length === 2 ? { $all: shelves } : only,
    ...(Object.keys(price).length > 0 && { 'price.minMinor': price }),
    ...(rating !== undefined && { 'rating.average': { $gte: rating * 100 } }),
    ...(inStock && { inStock: true }),
  };
}

/** Names one search in its cursors, so that they fit no other. */
const scopeOf = ({ page: _page, limit: _limit, cursor: _cursor, ...asked }: SearchQuery): string =>
  `products:${createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 22)}`;

interface Read {
  readonly page: Page<ProductRow>;
  readonly facets?: Facets;
}

/** Without words: a shelf from one end, in the order of an index. */
async function browse(query: SearchQuery): Promise<Read> {
  const where = filterOf(query);
  const sort = SORTS[query.sort];
  const facets = query.cursor === undefined ? facetsOf(where, sort) : undefined;
  const [page, shown] = await Promise.all([
    findPage<Product>({
      ...{ model: Products, where, sort, query, scope: scopeOf(query) },
      total: async () => (await facets)?.total ?? 0,
    }),
    facets,
  ]);
  return { page: page as Page<ProductRow>, ...(shown && { facets: shown }) };
}

async function facetsOf(where: Filter, sort: Sort): Promise<Facets> {
  const [answer] = await Products.aggregate([
    { $match: where },
    { $sort: sortKeys(sort) },
    { $limit: COUNTED },
    { $project: { category: 1, price: 1 } },
    { $facet: counted },
  ]);
  return toFacets(answer);
}

interface Matched {
  readonly ids: readonly { readonly _id: Id<'product'>; readonly value?: number }[];
}

/** With fewer that have all of the words, those that have any of them are shown. */
const ENOUGH = 20;

/**
 * With words: the best of what was found, ordered as asked for. How well something matches is only
 * known of what was found, so they are as many as can be ordered at once. By relevance a cursor
 * counts, in any other order it stands behind what was shown last.
 */
async function match(query: SearchQuery, q: string): Promise<Read> {
  const where = filterOf(query);
  const all = await lookUp(query, havingAll(q, where, COUNTED));
  return toRead(
    query,
    all.total >= ENOUGH ? all : await lookUp(query, havingAny(q, where, COUNTED)),
  );
}

interface Matched {
  readonly ids: readonly { readonly _id: Id<'product'>; readonly value?: number }[];
  readonly facets: Facets;
  readonly total: number;
}

const isRanked = ({ sort }: SearchQuery): boolean => sort === 'relevance';

const positionIn = (query: SearchQuery) =>
  query.cursor === undefined ? undefined : decodeCursor(scopeOf(query), query.cursor);

/** How many were shown before, where that is what counts. */
function shownBefore(query: SearchQuery): number {
  const position = positionIn(query);
  if (!position) return offsetOf(query);
  return isRanked(query) ? Number(position.value) : 0;
}

async function lookUp(query: SearchQuery, { best, rank, hint }: Lookup): Promise<Matched> {
  const position = positionIn(query);
  const ranked = isRanked(query);
  const sort = SORTS[query.sort];
  const [answer] = await Products.aggregate<Pick<Matched, 'ids'>>(
    [
      ...best,
      {
        $facet: {
          ids: [
            ...(position && !ranked ? [{ $match: following(sort, position) }] : []),
            ...(ranked ? rank : [{ $sort: sortKeys(sort) }]),
            { $skip: shownBefore(query) },
            { $limit: query.limit + 1 },
            { $project: { value: `$${sort.field}` } },
          ],
          ...counted,
        },
      },
    ],
    // What a shop has is little, whatever it is called.
    hint && query.shop === undefined ? { hint } : {},
  );
  const facets = toFacets(answer);
  return { ids: answer?.ids ?? [], facets, total: facets.total };
}

async function toRead(query: SearchQuery, { ids, facets, total }: Matched): Promise<Read> {
  const { limit, page, cursor } = query;
  const shown = ids.slice(0, limit);
  const last = ids.length > limit ? shown.at(-1) : undefined;
  const byValue = query.sort === 'newest' ? last?._id : last?.value;
  const value = isRanked(query) ? shownBefore(query) + limit : byValue;
  const nextCursor =
    last && value !== undefined ? encodeCursor(scopeOf(query), { value, id: last._id }) : null;
  const items = await inOrder(shown.map(({ _id }) => _id));
  if (cursor !== undefined) return { page: { items, pagination: { page, limit }, nextCursor } };
  const pagination = { page, limit, total, pages: Math.ceil(total / limit) };
  return { page: { items, pagination, nextCursor }, facets };
}

async function inOrder(ids: readonly Id<'product'>[]): Promise<ProductRow[]> {
  const rows = await Products.find({ _id: { $in: [...ids] } }).lean<ProductRow[]>();
  const byId = new Map(rows.map((row) => [row._id.toHexString(), row]));
  return ids.flatMap((id) => byId.get(id.toHexString()) ?? []);
}
