/** Orders as buyers place them, through cart and checkout, and as those involved bring them further. */
import { randomUUID } from 'node:crypto';
import { Orders } from '#domain/orders/order.model.ts';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { type Id, toId } from '#platform/id.ts';
import { giveCash } from '../functions/wallet/money.ts';
import type { Answer } from './caller.ts';
import { intoCart, type Wanted } from './cart.ts';
import { type Person, signInAgain } from './people.ts';
import { aShop } from './sellers.ts';
import { type AProduct, aProduct } from './shop.ts';
import type { World } from './world.ts';

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
/** Where no tax is added, so that amounts are what they look like. */
export const ADDRESS = { ...HOME, country: 'US' };

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

export interface LineFacts {
  readonly quantity?: number;
  readonly unitMinor?: number;
  /** The creator who showed it. */
  readonly affiliate?: string;
  /** Something that exists, in place of a new thing. */
  readonly product?: AProduct;
}

export interface OrderFacts {
  readonly buyer: Person;
  readonly seller: Person;
  /** One thing for 1000 unless said. */
  readonly lines?: readonly LineFacts[];
  /** Waits for the consent of the buyer's bank. */
  readonly unpaid?: true;
}

export const SHIPPING_MINOR = 499;

/** An order in `on_hold`, paid from the wallet. */
export async function paidOrder(facts: OrderFacts): Promise<AnOrder> {
  const { buyer, seller, lines = [{}], unpaid } = facts;
  for (const { quantity = 1, unitMinor = 1000, affiliate, product } of lines) {
    const variants = [{ priceMinor: unitMinor, stock: 100 }];
    const thing = product ?? (await aProduct(seller, { variants }));
    await intoCart(buyer, thing, { quantity, ...(affiliate !== undefined && { affiliate }) });
  }
  await giveCash(buyer.id, 1_000_000);
  const paymentMethod = unpaid ? 'pm_card_authenticationRequired' : 'wallet';
  return placed(await checkOut(buyer, { paymentMethod, address: ADDRESS }));
}

/** An order as it is stored. */
export async function rowOf(id: string | Id<'order'>): Promise<OrderRow> {
  const order = await orderById(typeof id === 'string' ? toId<'order'>(id) : id);
  if (!order) throw new Error(`no order ${String(id)}`);
  return order;
}

/** The free time to cancel has passed: the seller is to ship. */
export async function confirmed(world: World, facts: OrderFacts): Promise<AnOrder> {
  const order = await paidOrder(facts);
  const soon = { 'deadline.at': world.now() };
  await Orders.updateOne({ _id: toId<'order'>(order.id) }, { $set: soon });
  await world.runJob('orderDeadlines');
  return order;
}

let parcels = 0;

/** Ships what is said, or all that is left, in one parcel; returns its number. */
export async function shipped(
  seller: Person,
  order: AnOrder,
  lines?: readonly { readonly lineId: string | undefined; readonly quantity: number }[],
): Promise<string> {
  parcels += 1;
  const trackingNo = `TEST-${order.id.slice(-8)}-${parcels}`.toUpperCase();
  const wish = { action: 'ship', carrier: 'dhl', trackingNo, ...(lines && { lines }) };
  const { status, body } = await act(seller, order, wish, `ship-${parcels}`);
  if (status !== 200) throw new Error(`ship: ${status} ${JSON.stringify(body)}`);
  return trackingNo;
}

let acts = 0;
const nextKey = (): string => `act-${(acts += 1)}`;

/** The seller does something with an order. */
export const act = (seller: Person, { id }: Pick<AnOrder, 'id'>, wish: object, key = nextKey()) =>
  seller.post(`/api/seller/orders/${id}/actions`, wish, { key });

/** The buyer does something with their order. */
export const doAs = (buyer: Person, { id }: Pick<AnOrder, 'id'>, wish: object, key = nextKey()) =>
  buyer.post(`/api/orders/${id}/actions`, wish, { key });

/** All parcels have arrived. */
export async function delivered(world: World, facts: OrderFacts): Promise<AnOrder> {
  const order = await confirmed(world, facts);
  const trackingNo = await shipped(facts.seller, order);
  await carrierSays(world, { trackingNo, status: 'delivered' });
  await world.settle();
  return order;
}

export interface News {
  readonly trackingNo: string;
  readonly status: string;
  readonly at?: Date;
  readonly id?: string;
}

/** A carrier tells something of a parcel. */
export async function carrierSays(world: World, news: News): Promise<number> {
  const response = await fetch(`${world.url}/_local/carriers/dhl`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ at: world.now(), ...news }),
  });
  return response.status;
}

/** Time passes, the jobs run, and people sign in again. */
export async function later(world: World, milliseconds: number, people: readonly Person[] = []) {
  world.advance(milliseconds);
  await world.runJob('orderDeadlines');
  await world.settle();
  await signInAgain(world, ...people);
}

export const WALLET = { paymentMethod: 'wallet' };

/** People with 500.00 to spend. */
export async function spenders(world: World, count: number): Promise<Person[]> {
  const all: Person[] = [];
  for (let one = 0; one < count; one += 1) {
    const person = await world.person('buyer');
    await giveCash(person.id, 50_000);
    all.push(person);
  }
  return all;
}

/** Alice, who buys, and somebody with a shop. */
export async function aliceAndASeller(world: World): Promise<[Person, Person]> {
  const [alice, seller] = [await world.person('alice'), await world.person('seller')];
  await aShop(world, seller);
  return [alice, seller];
}
