/** Addresses, carts and coupons as people make them, over HTTP. */
import { randomUUID } from 'node:crypto';
import type { Person } from './people.ts';
import { staffMember } from './sellers.ts';
import type { AProduct } from './shop.ts';
import type { World } from './world.ts';

/** An address as it is sent; in Germany unless said. */
export const postal = (facts: Readonly<Record<string, unknown>> = {}) => ({
  name: 'Alice Example',
  phone: '+49 30 123456',
  lines: ['Main Street 1'],
  city: 'Berlin',
  postcode: '10115',
  country: 'DE',
  ...facts,
});

/** An entry of somebody's address book; returns its id. */
export async function anAddress(
  person: Person,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { status, body } = await person.put('/api/addresses/new', postal(facts));
  if (status !== 200) throw new Error(`address: ${status} ${JSON.stringify(body)}`);
  return String(body['address']?.['id']);
}

export interface Wanted {
  readonly quantity?: number;
  /** Which of the product's variants; the first unless said. */
  readonly variant?: number;
  /** The creator who showed it. */
  readonly affiliate?: string;
}

/** Puts a product into somebody's cart; returns the line's id. */
export async function intoCart(
  buyer: Person,
  { id, variants }: AProduct,
  { quantity = 1, variant = 0, affiliate }: Wanted = {},
): Promise<string> {
  const seen = affiliate !== undefined && { source: { affiliateId: affiliate } };
  const wish = { productId: id, variantId: variants[variant], quantity, ...seen };
  const { status, body } = await buyer.post('/api/cart/items', wish, { key: randomUUID() });
  if (status !== 201) throw new Error(`cart: ${status} ${JSON.stringify(body)}`);
  return String(body['item']?.['id']);
}

/** A coupon of somebody's shop, 10 % off unless said; returns its id. */
export async function aCoupon(
  seller: Person,
  code: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  return saved(seller, `/api/seller/coupons/${code}`, facts);
}

/** A coupon of the platform, 10 % off unless said; returns its id. */
export async function ourCoupon(
  world: World,
  code: string,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const staff = await staffMember(world, ['catalogue.write']);
  return saved(staff, `/api/admin/coupons/${code}`, facts);
}

async function saved(by: Person, path: string, facts: Readonly<Record<string, unknown>>) {
  const terms = { kind: 'percent', value: 1000, ...facts };
  const { status, body } = await by.put(path, terms, { key: randomUUID() });
  if (status !== 200) throw new Error(`coupon: ${status} ${JSON.stringify(body)}`);
  return String(body['coupon']?.['id']);
}
