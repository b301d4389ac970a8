import type { ShopRow } from '#domain/sellers/shops.ts';
import type { Sellable } from '#domain/shop/sellable.ts';
import { type Id, sameId } from '#platform/id.ts';
import type { CartItemRow } from './carts.ts';
import type { QuoteIssue } from './quote.ts';

type Code = QuoteIssue['code'];

/** These keep a line out of the sum: there is nothing to buy. */
const UNBUYABLE: readonly Code[] = ['not_offered', 'shop_closed', 'own_product', 'sold_out'];

export const isBuyable = (codes: readonly Code[]): boolean =>
  !codes.some((code) => UNBUYABLE.includes(code));

interface Market {
  readonly buyer: Id<'user'>;
  readonly currency: string;
  readonly sellable: Sellable | undefined;
  readonly shop: ShopRow | undefined;
}

/** What stands in the way of buying a line as it is. */
export function problemsOf(
  { quantity, priceSeen }: Pick<CartItemRow, 'quantity' | 'priceSeen'>,
  { buyer, currency, sellable, shop }: Market,
): Code[] {
  if (!sellable?.offered || sellable.currency !== currency) return ['not_offered'];
  if (sameId(buyer, sellable.seller)) return ['own_product'];
  if (shop?.status !== 'active') return ['shop_closed'];
  const { available, priceMinor } = sellable;
  return [
    ...(available === 0 ? (['sold_out'] as const) : []),
    ...(available > 0 && available < quantity ? (['not_enough_stock'] as const) : []),
    ...(priceMinor === priceSeen ? [] : (['price_changed'] as const)),
  ];
}
