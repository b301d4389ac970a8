/** Orders as buyers place them: through cart and checkout, paid from the wallet unless said. */
import { randomUUID } from 'node:crypto';
import { giveCash } from '../functions/wallet/money.ts';
import type { Answer } from './caller.ts';
import type { Person } from './people.ts';
import type { AProduct } from './shop.ts';

/** Where it goes unless said: there, 19 % of tax is added. */
export const HOME = {
  name: 'Ada Lovelace',
  phone: '+49 30 1234567',
  lines: ['Unter den Linden 1'],
  city: 'Berlin',
  region: '',
  postcode: '10117',
  country: 'DE',
};

export interface Wanted {
  readonly quantity?: number;
  /** Which of the product's variants; the first unless said. */
  readonly variant?: number;
  /** The creator who showed it. */
  readonly affiliate?: string;
}

/** Puts a product into somebody's cart. */
export async function intoCart(
  buyer: Person,
  { id, variants }: AProduct,
  { quantity = 1, variant = 0, affiliate }: Wanted = {},
): Promise<void> {
  const seen = affiliate !== undefined && { source: { affiliateId: affiliate } };
  const wish = { productId: id, variantId: variants[variant], quantity, ...seen };
  const { status, body } = await buyer.post('/api/cart/items', wish, { key: randomUUID() });
  if (status !== 201) throw new Error(`cart: ${status} ${JSON.stringify(body)}`);
}

/** Orders what is in the cart, to be sent home and paid by card unless said. */
export const checkOut = (
  buyer: Person,
  body: Readonly<Record<string, unknown>> = {},
  key: string = randomUUID(),
): Promise<Answer> =>
  buyer.post(
    '/api/cart/checkout',
    {
      paymentMethod: 'pm_card_visa',
      ...(!('addressId' in body) && { address: HOME }),
      ...body,
    },
    { key },
  );

export interface AnOrder {
  readonly id: string;
  readonly checkout: string;
  readonly lines: readonly string[];
  readonly totalMinor: number;
}

/**
 * An order of one product, paid from the buyer's wallet, which is given what it takes: the seller
 * has it, and the buyer can still cancel it freely.
 */
export async function anOrder(
  buyer: Person,
  product: AProduct,
  wanted: Wanted & { readonly coupon?: string } = {},
): Promise<AnOrder> {
  await intoCart(buyer, product, wanted);
  const { coupon } = wanted;
  const body = { paymentMethod: 'wallet', ...(coupon !== undefined && { coupon }) };
  await giveCash(buyer.id, 1_000_000);
  return placed(await checkOut(buyer, body));
}

/** An order that waits for its payment: the buyer's card asks for their consent. */
export async function anUnpaidOrder(
  buyer: Person,
  product: AProduct,
  wanted: Wanted = {},
): Promise<AnOrder> {
  await intoCart(buyer, product, wanted);
  return placed(await checkOut(buyer, { paymentMethod: 'pm_card_authenticationRequired' }));
}

function placed({ status, body }: Answer): AnOrder {
  const order = body['orders']?.[0];
  if (status !== 201 || !order) throw new Error(`checkout: ${status} ${JSON.stringify(body)}`);
  return {
    id: String(order['id']),
    checkout: String(body['checkoutId']),
    lines: [...(order['lines'] ?? [])].map((line) => String(line['id'])),
    totalMinor: Number(order['totalMinor']),
  };
}
