import type { Id } from '#platform/id.ts';
import { findPage, named, type PageQuery } from '#platform/page.ts';
import { ReturnRequests } from './return.model.ts';
import type { ReturnRow } from './return-state.ts';
import { toReturnView } from './return-view.ts';

// The rows of a page are what the model says, with the ids of returns.
const shown = (row: unknown) => toReturnView(row as ReturnRow);

/** What somebody wanted to give back, newest first. */
export const returnsOfBuyer = (buyer: Id<'user'>, query: PageQuery) =>
  listed({ buyer }, `returns:${buyer.toHexString()}`, query);

/** What was to be given back to a shop, newest first. */
export const returnsOfShop = (shop: Id<'shop'>, query: PageQuery) =>
  listed({ shop }, `shop-returns:${shop.toHexString()}`, query);

async function listed(
  where: { readonly buyer: Id<'user'> } | { readonly shop: Id<'shop'> },
  scope: string,
  query: PageQuery,
) {
  const sort = { field: 'createdAt', direction: -1 } as const;
  return named(
    'returns',
    await findPage({ model: ReturnRequests, where, sort, scope, query }),
    shown,
  );
}
