/** Addresses and carts as people fill them, over HTTP. */
import type { Person } from './people.ts';
import type { AProduct } from './shop.ts';

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

/** Puts a product into somebody's cart, its first variant unless said; returns the line's id. */
export async function inCart(
  person: Person,
  product: AProduct,
  quantity = 1,
  variantId = product.variants[0],
): Promise<string> {
  const wish = { productId: product.id, variantId, quantity };
  const { status, body } = await person.post('/api/cart/items', wish);
  if (status !== 201) throw new Error(`cart: ${status} ${JSON.stringify(body)}`);
  return String(body['item']?.['id']);
}
