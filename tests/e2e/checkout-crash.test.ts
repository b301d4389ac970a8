import { randomInt, randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { balancesOfAccounts } from '#domain/wallet/account-balances.ts';
import { escrowOf } from '#domain/wallet/accounts.ts';
import { after, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { giveCash } from '../functions/wallet/money.ts';
import { type Answer, callerOf } from '../support/caller.ts';
import { type MortalHost, startMortalHost } from '../support/mortal-host.ts';
import { checkOut } from '../support/orders.ts';
import type { Person } from '../support/people.ts';
import { aShop } from '../support/sellers.ts';
import { type AProduct, aProduct } from '../support/shop.ts';
import { until } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

const CRASHES = 8;
const BUYERS = 8;
const STOCK = 1000;
/** Past the lease of a request that died, past every stock hold, and past what payments are left alone. */
const LATER_SECONDS = 20 * 60;
const METHODS = [
  ...['wallet', 'wallet', 'pm_card_mastercard', 'pm_card_visa'],
  ...['pm_card_chargeDeclined', 'pm_card_authenticationRequired'],
];

/** Something that somebody wants to order once, and what they were told about it. */
interface Wish {
  readonly buyer: Person;
  readonly quantity: number;
  readonly paymentMethod: string;
  readonly key: string;
  inCart: boolean;
  answer?: Answer;
}

let world: World;
let product: AProduct;
let buyers: readonly Person[];
let host: MortalHost | undefined;

beforeAll(async () => {
  world = await startWorld({ background: false });
  const seller = await world.person('seller');
  await aShop(world, seller);
  product = await aProduct(seller, { variants: [{ stock: STOCK }] });
  buyers = await Promise.all(Array.from({ length: BUYERS }, () => world.person('buyer')));
  for (const { id } of buyers) await giveCash(id, 10_000_000);
});
afterAll(async () => {
  await host?.kill();
  await world.stop();
});

const raw = (name: string) => mongoose.connection.collection(name);

const newWish = (buyer: Person): Wish => ({
  buyer,
  quantity: randomInt(1, 4),
  paymentMethod: METHODS[randomInt(METHODS.length)] ?? 'wallet',
  key: randomUUID(),
  inCart: false,
});

/** Asks once; no answer leaves the wish open. */
async function ask(url: string, wish: Wish): Promise<void> {
  const { buyer, quantity, paymentMethod, key } = wish;
  const caller = { ...buyer, ...callerOf(url, () => buyer.token) };
  try {
    const line = { productId: product.id, variantId: product.variants[0], quantity };
    wish.inCart ||=
      (await caller.post('/api/cart/items', line, { key: `cart-${key}` })).status === 201;
    if (!wish.inCart) return; // a host under load may ask for patience
    const answer = await checkOut(caller, { paymentMethod }, key);
    if (!TRY_AGAIN.has(answer.status)) wish.answer = answer;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // else the connection was cut
  }
}

/** The host said that it does not know yet. */
const TRY_AGAIN = new Set([409, 503]);

/** All buyers at once, until a number of answers has come; then the host is killed in the middle. */
async function workUntilKilled(mortal: MortalHost, wishes: Wish[]): Promise<void> {
  let left = randomInt(2, 10);
  let alive = true;
  const work = async (buyer: Person): Promise<void> => {
    while (alive) {
      const open = wishes.find((wish) => wish.buyer === buyer && !wish.answer);
      const wish = open ?? newWish(buyer);
      if (!open) wishes.push(wish);
      await ask(mortal.url, wish);
      left -= 1;
      if (left > 0 || !alive) continue;
      alive = false;
      await mortal.kill();
    }
  };
  await Promise.all(buyers.map(work));
}

/** Asks everything that is still open until it is answered. */
async function finish(mortal: MortalHost, wishes: readonly Wish[]): Promise<void> {
  const deadline = Date.now() + minutes(2);
  for (;;) {
    const open = wishes.filter(({ answer }) => !answer);
    if (open.length === 0) return;
    if (Date.now() > deadline) throw new Error(`${open.length} wishes are never answered`);
    for (const wish of open) await ask(mortal.url, wish);
  }
}

/** Pieces of the product in reservations of a state. */
async function reserved(status: string): Promise<number> {
  const rows = await raw('inventoryreservations').find({ status }).toArray();
  return rows.reduce((sum, { quantity }) => sum + Number(quantity), 0);
}

test(`stock and money are all there after ${CRASHES} crashes in the middle of checkouts`, {
  timeout: 600_000,
}, async () => {
  const wishes: Wish[] = [];

  for (let crash = 0; crash < CRASHES; crash += 1) {
    host = await startMortalHost(world);
    await workUntilKilled(host, wishes);
  }
  host = await startMortalHost(world);
  await host.control(`clock?advanceSeconds=${LATER_SECONDS}&jobs=stopped`);
  await finish(host, wishes);
  for (const job of ['relayOutbox', 'releaseReservations', 'reconcilePayments']) {
    await host.control(`jobs/${job}`);
    await host.control('settle');
  }

  expect(new Set(wishes.map(({ answer }) => answer?.status))).toEqual(new Set([201]));
  const checkouts = wishes.map(({ answer }) => String(answer?.body['checkoutId']));
  expect(new Set(checkouts).size).toBe(wishes.length);
  const orders = await raw('orders').find().toArray();
  expect(orders.map(({ checkout }) => String(checkout)).sort()).toEqual(checkouts.sort());
  // What the bank said yes to late has been handed on.
  const undecided = (): Promise<number> =>
    raw('payments').countDocuments({ method: 'pm_card_visa', open: true });
  expect(await until(undecided, (left) => left === 0)).toBe(0);
  await host.control('settle');

  const variant = await raw('productvariants').findOne({ _id: toId(product.variants[0] ?? '') });
  const [held, committed] = [await reserved('held'), await reserved('committed')];
  expect(variant?.['claims']).toEqual([]);
  expect(Number(variant?.['available']) + held + committed).toBe(STOCK);
  const sold = (await raw('orders').find({ status: 'on_hold' }).toArray()).flatMap((order) =>
    order['lines'].map(({ quantity }: { quantity: number }) => quantity),
  );
  expect(committed).toBeGreaterThan(0);
  expect(committed).toBe(sold.reduce((sum, quantity) => sum + quantity, 0));
  const last = host;
  // Money that came too late is on its way back, and its bank takes its time.
  const inEscrow = async (): Promise<number[]> => {
    await last.control('jobs/reconcileRefunds');
    await last.control('settle');
    const ids = orders.map(({ _id }) => escrowOf(toId(String(_id))));
    return [...(await balancesOfAccounts(ids, 'USD')).values()].filter((minor) => minor !== 0);
  };
  expect(await until(inEscrow, (left) => left.length === 0)).toEqual([]);
  const later = after(new Date(), LATER_SECONDS * 1000);
  const { differences, complete } = await audit(later, after(later, minutes(5)));
  expect([differences, complete]).toEqual([[], true]);
});
