import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  act,
  confirmed,
  doAs,
  paidOrder,
  SHIPPING_MINOR,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let orders: readonly AnOrder[];
/** Fields of the first line of an order, as a checkout in a video or a live would have set them. */
const seenIn = ({ id }: AnOrder, fields: object) =>
  raw('orders').updateOne({ _id: toId(id) }, { $set: fields });

beforeAll(async () => {
  world = await startWorld();
  const alice = await world.person('alice');
  seller = await world.person('seller');
  await aShop(world, seller);
  const facts = { buyer: alice, seller };
  const gone = await confirmed(world, facts);
  await act(seller, gone, { action: 'cancel', reason: 'gone' });
  const video = await paidOrder({ ...facts, lines: [{ quantity: 2, unitMinor: 300 }] });
  const live = await paidOrder(facts);
  const unpaid = await paidOrder({ ...facts, unpaid: true });
  await doAs(alice, unpaid, { action: 'cancel' });
  orders = [gone, video, live];
  await seenIn(live, { 'lines.0.source': { live: newId() }, returnStatus: 'closed' });
  await seenIn(video, {
    'lines.0.source': { content: newId() },
    'lines.0.affiliate': { offer: newId(), creator: newId(), rateBps: 1000, amountMinor: 60 },
  });
  await raw('orders').updateOne(
    { _id: toId(live.id) },
    { $set: { createdAt: new Date(world.now().getTime() - 86_400_000) } },
  );
});
afterAll(() => world.stop());

const day = (ago: number) =>
  new Date(world.now().getTime() - ago * 86_400_000).toISOString().slice(0, 10);

describe('sellerAnalytics', () => {
  test('adds up what was sold in the last four weeks', async () => {
    const { body } = await seller.get('/api/seller/analytics');

    const paid = orders.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
    expect(body['total']).toEqual({
      orders: 3,
      units: 4,
      salesMinor: paid,
      refundedMinor: orders[0]?.totalMinor,
      earningsMinor: 600 - 30 + SHIPPING_MINOR + (1000 - 50 + SHIPPING_MINOR),
      cancelled: 1,
      returns: 1,
    });
    expect(body['conversion']).toEqual({ placed: 4, paid: 3, rateBps: 7500 });
    expect(body['currency']).toBe('USD');
  });

  test('says day by day how it went', async () => {
    const { body } = await seller.get('/api/seller/analytics');

    expect(body['days']).toMatchObject([
      { day: day(1), orders: 1, salesMinor: orders[2]?.totalMinor },
      { day: day(0), orders: 2, units: 3 },
    ]);
  });

  test('says where buyers saw it, and what creators brought', async () => {
    const { body } = await seller.get('/api/seller/analytics');

    expect(body['sources']).toEqual({
      video: { units: 2, salesMinor: 600 },
      live: { units: 1, salesMinor: 1000 },
      direct: { units: 1, salesMinor: 1000 },
    });
    expect(body['affiliate']).toEqual({ units: 2, salesMinor: 600, commissionMinor: 60 });
  });

  test('covers the days that are asked for, and knows of none where nothing was sold', async () => {
    const yesterday = await seller.get(`/api/seller/analytics?from=${day(1)}&to=${day(0)}`);
    const before = await seller.get(`/api/seller/analytics?from=2020-01-01`);

    expect(yesterday.body['total']).toMatchObject({ orders: 1, salesMinor: orders[2]?.totalMinor });
    expect(before.body).toMatchObject({
      total: { orders: 0, salesMinor: 0 },
      conversion: { placed: 0, paid: 0, rateBps: null },
      days: [],
      to: '2020-01-29T00:00:00.000Z',
    });
  });

  test('refuses spans that are too long or end before they begin', async () => {
    const ask = async (query: string) =>
      (await seller.get(`/api/seller/analytics?${query}`)).status;

    expect([
      await ask('from=2020-01-01&to=2020-06-01'),
      await ask('from=2020-01-02&to=2020-01-01'),
      await ask('from=soon'),
    ]).toEqual([400, 400, 400]);
  });

  test('is about nobody else’s shop', async () => {
    const other = await world.person('other');
    await aShop(world, other);

    const { body } = await other.get('/api/seller/analytics');

    expect(body['total']).toMatchObject({ orders: 0 });
  });
});
