/**
 * A small market in which everybody does something all the time: buyers buy, pay, cancel,
 * transfer and confirm, sellers ship, staff refunds, the clockwork runs jobs. Each wish has a key and is asked
 * for again until it is answered, so that the host may die at any moment.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { changeSetting } from '#domain/system/settings.ts';
import { giveCash } from '../../functions/wallet/money.ts';
import { type Answer, type Caller, callerOf } from '../../support/caller.ts';
import type { MortalHost } from '../../support/mortal-host.ts';
import { HOME } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';

export const START_MINOR = 500_000;
/** In stock of the first product of each shop; the second is scarce. */
const PLENTY = 5000;
const SCARCE = 15;

/** Something that somebody wants done once, and what they were told about it. */
export interface Wish {
  readonly kind: string;
  readonly by: Person;
  readonly key: string;
  readonly ask: (as: Caller, key: string) => Promise<Answer>;
  answer?: Answer;
}

export interface Actor {
  /** Asks for one thing once; true when it was done. */
  readonly next: (host: MortalHost) => Promise<boolean>;
}

export interface Market {
  readonly world: World;
  readonly buyers: readonly Person[];
  readonly shops: readonly (TestShop & { readonly products: readonly AProduct[] })[];
  readonly creator: Person;
  readonly staff: Person;
  readonly actors: readonly Actor[];
  readonly wishes: readonly Wish[];
}

export async function openMarket(world: World): Promise<Market> {
  await changeSetting('orders.onHoldMinutes', 0);
  await changeSetting('orders.settleHoldDays', 0);
  const shops = [];
  for (const name of ['north', 'south']) {
    const seller = await world.person(name);
    const shop = await aShop(world, seller);
    const products = [
      await aProduct(seller, { variants: [{ priceMinor: 1999, stock: PLENTY }] }),
      await aProduct(seller, { variants: [{ priceMinor: 777, stock: SCARCE }] }),
    ];
    shops.push({ ...shop, products });
  }
  const buyers: Person[] = [];
  for (let count = 0; count < 4; count += 1) {
    const buyer = await world.person('buyer');
    await giveCash(buyer.id, START_MINOR);
    buyers.push(buyer);
  }
  const creator = await world.person('creator');
  const staff = await staffMember(world, ['money.refund', 'orders.read']);
  const wishes: Wish[] = [];
  const cast = { world, buyers, shops, creator, staff, wishes };
  const actors = [
    ...buyers.map((buyer) => wishing(cast, () => wishOfBuyer(cast, buyer))),
    ...shops.map(({ owner }) => wishing(cast, () => wishOfSeller(owner))),
    wishing(cast, () => wishOfStaff(cast)),
    clockwork,
  ];
  return { ...cast, actors };
}

type Cast = Omit<Market, 'actors'>;
const any = <Item>(items: readonly Item[]): Item => items[randomInt(items.length)] as Item;

/** The host is not there any more, or does not know yet: to be asked again. */
export const isOpen = ({ answer }: Wish): boolean =>
  answer === undefined || answer.status === 503 || codeOf(answer) === 'request_in_progress';

const codeOf = ({ body }: Answer): string => String(body['code']);

/** Asks once for a wish; a connection that is cut leaves it open. */
export async function askFor(wish: Wish, url: string): Promise<void> {
  try {
    wish.answer = await wish.ask(
      callerOf(url, () => wish.by.token),
      wish.key,
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the connection was cut
  }
}

const IDLE_MS = 200;
const idle = (): Promise<boolean> =>
  new Promise((resolve) => setTimeout(() => resolve(false), IDLE_MS));

type Invent = () => Promise<Wish | undefined>;

/** Somebody who asks again for what was cut off, unless its key is still locked by the dead. */
function wishing(cast: Cast, invent: Invent): Actor {
  let mine: Wish | undefined;
  return {
    next: async ({ url }) => {
      const again = mine?.answer === undefined ? mine : undefined;
      mine = again ?? (await invent());
      if (!mine) return idle();
      if (!again) (cast.wishes as Wish[]).push(mine);
      await askFor(mine, url);
      return mine.answer !== undefined && mine.answer.status < 300;
    },
  };
}

const JOBS = [
  'orderDeadlines',
  'releaseReservations',
  'relayOutbox',
  'reconcilePayments',
  'reconcileRefunds',
] as const;

/** The scheduler, faster than life. */
const clockwork: Actor = {
  next: async ({ control }) => {
    try {
      await control(`jobs/${any(JOBS)}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    return idle();
  },
};

const wish = (kind: string, by: Person, ask: Wish['ask']): Wish => ({
  kind,
  by,
  key: randomUUID(),
  ask,
});

/** One of the latest orders that somebody sees; undefined when there is none. */
async function anOrderOf(person: Person, path: string): Promise<string | undefined> {
  const { body } = await person.get(path);
  const orders = [...(body['orders'] ?? [])].map((order) => String(order['id']));
  return orders.length > 0 ? any(orders) : undefined;
}

async function wishOfBuyer({ shops, creator }: Cast, buyer: Person): Promise<Wish | undefined> {
  const dice = randomInt(12);
  if (dice < 7) await emptyCart(buyer);
  if (dice < 5) return buying(shops, buyer, 'wallet');
  if (dice < 7) return buying(shops, buyer, 'pm_card_visa');
  if (dice < 9) return wish('transfer', buyer, transferTo(creator));
  if (dice < 10) return wish('topup', buyer, topUp);
  const id = await anOrderOf(buyer, '/api/orders?limit=10');
  if (id === undefined) return undefined;
  const action = dice < 11 ? 'cancel' : 'confirm_receipt';
  return wish(action, buyer, (as, key) =>
    as.post(`/api/orders/${id}/actions`, { action }, { key }),
  );
}

/** What was sold out before would stand in the way. */
async function emptyCart(buyer: Person): Promise<void> {
  const { body } = await buyer.get('/api/cart');
  for (const item of body['items'] ?? []) await buyer.delete(`/api/cart/items/${item['id']}`);
}

function buying(shops: Market['shops'], buyer: Person, paymentMethod: string): Wish {
  const product = any(any(shops).products);
  const line = { productId: product.id, variantId: product.variants[0], quantity: randomInt(1, 4) };
  return wish('buy', buyer, async (as, key) => {
    const added = await as.post('/api/cart/items', line, { key: `${key}-add` });
    if (added.status !== 201) return added;
    return as.post('/api/cart/checkout', { address: HOME, paymentMethod }, { key });
  });
}

const topUp: Wish['ask'] = (as, key) =>
  as.post('/api/wallet/topup', { amount: 1000, paymentMethod: 'pm_card_visa' }, { key });

const transferTo =
  (creator: Person): Wish['ask'] =>
  (as, key) =>
    as.post('/api/wallet/transfer', { to: creator.id, amount: 5 }, { key });

async function wishOfSeller(seller: Person): Promise<Wish | undefined> {
  const id = await anOrderOf(seller, '/api/seller/orders?status=awaiting_shipment&limit=10');
  if (id === undefined) return undefined;
  return wish('ship', seller, (as, key) => {
    const trackingNo = `T${key.replaceAll('-', '').slice(0, 20)}`;
    const parcel = { action: 'ship', carrier: 'dhl', trackingNo };
    return as.post(`/api/seller/orders/${id}/actions`, parcel, { key });
  });
}

async function wishOfStaff({ buyers, staff }: Cast): Promise<Wish | undefined> {
  const id = await anOrderOf(any(buyers), '/api/orders?limit=10');
  if (id === undefined) return undefined;
  return wish('refund', staff, (as, key) => {
    const parts = { goodwillMinor: 1, goodwillBy: 'platform', reason: 'sorry' };
    return as.post(`/api/admin/orders/${id}/refund`, parts, { key });
  });
}
