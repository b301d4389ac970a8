import { randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { CartItems } from '#domain/cart/cart-item.model.ts';
import { touchCart } from '#domain/cart/carts.ts';
import { makeShop } from '#domain/sellers/make-shop.ts';
import { ProductVariants } from '#domain/shop/product-variant.model.ts';
import { cashOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { HOME } from '../../tests/support/orders.ts';
import type { Person } from '../../tests/support/people.ts';
import { type AProduct, aProduct } from '../../tests/support/shop.ts';
import { people, useEngines } from './world.ts';

export const CHECKOUT = '/api/cart/checkout';
export const PRICE_MINOR = 1500;
const CASH_MINOR = 100_000_000;
const STOCK = 1_000_000;

/** Somebody with money and a cart. */
export interface Buyer {
  readonly person: Person;
  readonly user: Id<'user'>;
  readonly cart: Id<'cart'>;
}

export interface Market {
  readonly products: readonly AProduct[];
  readonly buyers: readonly Buyer[];
}

/** A shop with so many products of one variant each, and people with enough in their wallets. */
export async function openMarket(size: { buyers: number; products: number }): Promise<Market> {
  await useEngines();
  const [seller, ...others] = (await people(size.buyers + 1)).slice(0, size.buyers + 1);
  if (!seller) throw new Error('nobody sells');
  await transaction(() => makeShop(toId(seller.id), new Date()));
  const products: AProduct[] = [];
  for (let made = 0; made < size.products; made += 1)
    products.push(
      await aProduct(seller, { variants: [{ priceMinor: PRICE_MINOR, stock: STOCK }] }),
    );
  const buyers: Buyer[] = [];
  for (const person of others) buyers.push(await buyerFrom(person));
  return { products, buyers };
}

async function buyerFrom(person: Person): Promise<Buyer> {
  const now = new Date();
  const user = toId<'user'>(person.id);
  const cart = await transaction(async () => {
    const { _id } = await touchCart(user, now);
    const movement = { from: 'adjust', to: cashOf(user), amountMinor: CASH_MINOR } as const;
    const event = { type: 'bench', id: newId() };
    const movements = [{ ...movement, currency: 'USD' }];
    await post({ event, movements, line: { type: 'adjustment', to: user } }, now);
    return _id;
  });
  return { person, user, cart };
}

/** Has exactly these lie in a cart, one of each, as `cartAdd` leaves them. */
export async function fillCart(
  { user, cart }: Buyer,
  products: readonly AProduct[],
): Promise<void> {
  await CartItems.deleteMany({ cart });
  await CartItems.insertMany(
    products.map(({ id, variants: [variant = ''] }) => ({
      ...{ cart, user, product: toId(id), variant: toId(variant) },
      ...{ quantity: 1, priceSeen: PRICE_MINOR, selected: true, source: {} },
    })) as never,
  );
}

/** How many are left of a product of one variant, and how many claims lie in it. */
export async function stockOf({ variants: [variant = ''] }: AProduct) {
  const row = await ProductVariants.findOne({ _id: toId(variant) })
    .orFail()
    .lean();
  return { left: row.available, claims: row.claims.length };
}

export async function setStock(product: AProduct, available: number): Promise<void> {
  const [variant = ''] = product.variants;
  await ProductVariants.updateOne({ _id: toId(variant) }, { $set: { available } });
}

/** Orders what is in the cart and pays for it from the wallet. */
export const checkOut = (url: string, { person }: Buyer, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}${CHECKOUT}`, {
    method: 'POST',
    ...(signal && { signal }),
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${person.token}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({ address: HOME, paymentMethod: 'wallet' }),
  });

/** A collection of the baseline, with the indexes that ours has. */
export const indexed = (name: string, keys: Record<string, 1 | -1>, unique = false) =>
  mongoose.connection.collection(name).createIndex(keys, { unique });
