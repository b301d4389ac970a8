import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import { days, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { expectProof, inAccount } from '../functions/orders/books.ts';
import {
  carrierSays,
  confirmed,
  doAs,
  later,
  rowOf,
  SHIPPING_MINOR,
  shipped,
} from '../support/orders.ts';
import type { Person } from '../support/people.ts';
import { aShop, type TestShop } from '../support/sellers.ts';
import { type AProduct, aProduct } from '../support/shop.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
let creator: Person;
let shop: TestShop;
let product: AProduct;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller, creator] = [
    await world.person('alice'),
    await world.person('seller'),
    await world.person('creator'),
  ];
  shop = await aShop(world, seller);
  product = await aProduct(seller, { variants: [{ priceMinor: 1000, stock: 10 }] });
  const path = `/api/seller/affiliate-offers/${product.id}`;
  const { body } = await seller.put(path, { rateBps: 2000 }, { key: randomUUID() });
  const join = `/api/affiliate/offers/${body['offer']?.['id']}/join`;
  await creator.post(join, {}, { key: randomUUID() });
});
afterAll(() => world.stop());

/** What shop and creator have coming, and what is their own. */
const accounts = async () => ({
  shop: await both((share) => shopAccount(toId(shop.id), share)),
  creator: await both((share) => earnerAccount(toId(creator.id), share)),
});
const both = async (
  of: (share: 'pending' | 'available') => ReturnType<typeof shopAccount | typeof earnerAccount>,
) => [await inAccount(of('pending')), await inAccount(of('available'))];

test('an order goes in two parcels, arrives, is completed, and is earned by shop and creator', async () => {
  const order = await confirmed(world, {
    ...{ buyer: alice, seller },
    lines: [{ product, quantity: 2, affiliate: creator.id }],
  });
  // Of 2000, a fifth is the creator's and a twentieth the platform's; shipping is the shop's.
  const [shopEarns, creatorEarns] = [2000 - 400 - 100 + SHIPPING_MINOR, 400];

  const lines = [{ lineId: order.lines[0], quantity: 1 }];
  const [first, second] = [
    await shipped(seller, order, lines),
    await shipped(seller, order, lines),
  ];
  const news = [
    { id: 'e1', trackingNo: second, status: 'delivered' },
    { id: 'e1', trackingNo: second, status: 'delivered' },
    { id: 'e2', trackingNo: first, status: 'out_for_delivery' },
    { id: 'e3', trackingNo: second, status: 'in_transit' },
    { id: 'e4', trackingNo: first, status: 'delivered' },
    { id: 'e2', trackingNo: first, status: 'out_for_delivery' },
  ];
  for (const one of news) expect(await carrierSays(world, one)).toBe(200);
  await world.settle();

  expect((await rowOf(order.id)).status).toBe('delivered');
  expect(await accounts()).toEqual({ shop: [shopEarns, 0], creator: [creatorEarns, 0] });

  await doAs(alice, order, { action: 'confirm_receipt' });
  await world.settle();
  await world.runJob('maturePayouts');
  expect(await accounts()).toEqual({ shop: [shopEarns, 0], creator: [creatorEarns, 0] });

  await later(world, days(3) + minutes(1), [creator]);
  await world.runJob('maturePayouts');
  await world.runJob('maturePayouts');
  await world.settle();

  expect(await accounts()).toEqual({ shop: [0, shopEarns], creator: [0, creatorEarns] });
  const { body } = await creator.get('/api/affiliate/commissions');
  expect(body['commissions']).toMatchObject([{ amountMinor: creatorEarns, status: 'payable' }]);
  await expectProof(world);
});
