import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../domain/wallet/books.ts';
import {
  act,
  carrierSays,
  confirmed,
  doAs,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
let other: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller, other] = [
    await world.person('alice'),
    await world.person('seller'),
    await world.person('other'),
  ];
  await aShop(world, seller);
  await aShop(world, other);
});
afterAll(() => world.stop());

const facts = (lines: readonly { quantity?: number; unitMinor?: number }[] = [{}]) => ({
  buyer: alice,
  seller,
  lines,
});
const parcel = (trackingNo: string, more: object = {}) => ({
  action: 'ship',
  carrier: 'ups',
  trackingNo,
  ...more,
});
const refundsOf = (order: { readonly id: string }) =>
  raw('refunds')
    .find({})
    .toArray()
    .then((all) => all.filter(({ order: id }) => String(id) === order.id));

describe('sellerOrderAction ship', () => {
  test('sends an order in two parcels', async () => {
    const order = await confirmed(world, facts([{ quantity: 2 }, {}]));
    const [first, second] = order.lines;

    const half = await act(
      seller,
      order,
      parcel('PART-ONE-1', { lines: [{ lineId: first, quantity: 1 }] }),
    );
    const more = await act(
      seller,
      order,
      parcel('PART-ONE-2', { lines: [{ lineId: second, quantity: 1 }] }),
    );
    const rest = await act(seller, order, parcel('part-one 3'));

    expect([half.status, more.status, rest.status]).toEqual([200, 200, 200]);
    expect(half.body['order']).toMatchObject({ status: 'partially_shipped' });
    expect(more.body['order']).toMatchObject({ status: 'partially_shipped' });
    expect(rest.body['order']).toMatchObject({ status: 'shipped', deadline: { kind: 'transit' } });
    const { body } = await alice.get(`/api/orders/${order.id}`);
    expect(body['shipments']).toMatchObject([
      { carrier: 'ups', trackingNo: 'PART-ONE-1', lines: [{ lineId: first, quantity: 1 }] },
      { trackingNo: 'PART-ONE-2' },
      { trackingNo: 'PART-ONE3', lines: [{ lineId: first, quantity: 1 }] },
    ]);
  });

  test('sends no piece twice, however simultaneously it is asked', async () => {
    const order = await confirmed(world, facts([{ quantity: 1 }]));
    const lines = [{ lineId: order.lines[0], quantity: 1 }];

    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((n) => act(seller, order, parcel(`RACE-PARCEL-${n}`, { lines }))),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect((await rowOf(order.id)).lines[0]?.shippedQuantity).toBe(1);
    const { body } = await alice.get(`/api/orders/${order.id}`);
    expect(body['shipments']).toHaveLength(1);
  });

  test('refuses more pieces than there are, and names the lines', async () => {
    const order = await confirmed(world, facts([{ quantity: 2 }]));
    const [line] = order.lines;
    const lines = [
      { lineId: line, quantity: 2 },
      { lineId: line, quantity: 1 },
    ];

    const { status, body } = await act(seller, order, parcel('TOO-MUCH-1', { lines }));

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'not_left', details: [line] });
  });

  test('refuses a tracking number that another parcel has, and ships nothing', async () => {
    const [one, two] = [await confirmed(world, facts()), await confirmed(world, facts())];
    await act(seller, one, parcel('SAME-NUMBER-1'));

    const { status, body } = await act(seller, two, parcel('same-number-1'));

    expect(status).toBe(409);
    expect(body['code']).toBe('tracking_number_used');
    expect((await rowOf(two.id)).status).toBe('awaiting_shipment');
  });

  test('refuses numbers and carriers that cannot be', async () => {
    const order = await confirmed(world, facts());

    const answers = [
      await act(seller, order, parcel('1')),
      await act(seller, order, parcel('<script>alert(1)</script>')),
      await act(seller, order, { ...parcel('RIGHT-NUMBER'), carrier: 'my_uncle' }),
      await act(seller, order, parcel('RIGHT-NUMBER', { lines: [] })),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  });

  test('ships nothing before the free time to cancel is over', async () => {
    const order = await paidOrder(facts());

    const { status, body } = await act(seller, order, parcel('TOO-EARLY-1'));

    expect([status, body['current']]).toEqual([409, 'on_hold']);
  });

  test('is repeated by its key', async () => {
    const order = await confirmed(world, facts());

    const [once, again] = [
      await act(seller, order, parcel('REPEATED-1'), 'the-same'),
      await act(seller, order, parcel('REPEATED-1'), 'the-same'),
    ];

    expect(again.body).toEqual(once.body);
  });

  test('knows only orders of one’s own shop, once they are paid', async () => {
    const [order, unpaid] = [
      await confirmed(world, facts()),
      await paidOrder({ ...facts(), unpaid: true }),
    ];

    const answers = [
      await act(other, order, parcel('NOT-MINE-1')),
      await act(seller, unpaid, parcel('NOT-PAID-1')),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});

describe('sellerOrderAction cancel', () => {
  test('gives everything back, and the goods into stock', async () => {
    const order = await confirmed(world, facts([{ quantity: 2 }]));

    const { status, body } = await act(seller, order, { action: 'cancel', reason: 'broken' });

    expect(status).toBe(200);
    expect(body['order']).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'seller', reason: 'broken' },
      refundedMinor: order.totalMinor,
      address: null,
    });
    expect(await refundsOf(order)).toMatchObject([
      { amountMinor: order.totalMinor, initiatedBy: 'seller', restock: true },
    ]);
  });

  test('keeps out of stock what cannot be sold', async () => {
    const order = await confirmed(world, facts());

    await act(seller, order, { action: 'cancel', reason: 'burnt', restock: false });

    expect(await refundsOf(order)).toMatchObject([{ restock: false }]);
  });

  test('takes back pieces that are not sent, and the order goes on', async () => {
    const order = await confirmed(world, facts([{ quantity: 3, unitMinor: 700 }]));
    const [lineId] = order.lines;
    await shipped(seller, order, [{ lineId, quantity: 1 }]);

    const part = await act(seller, order, {
      action: 'cancel',
      reason: 'one is broken',
      lines: [{ lineId, quantity: 1 }],
    });
    const rest = await act(seller, order, { action: 'cancel', reason: 'the last one too' });
    const nothing = await act(seller, order, { action: 'cancel', reason: 'again' });

    expect(part.body['order']).toMatchObject({ status: 'partially_shipped', refundedMinor: 700 });
    expect(rest.body['order']).toMatchObject({ status: 'shipped', refundedMinor: 1400 });
    expect([nothing.status, nothing.body['current']]).toEqual([409, 'shipped']);
    expect((await refundsOf(order)).map((refund) => refund['amountMinor'])).toEqual([700, 700]);
  });

  test('of some lines of an order of which nothing was sent leaves the others', async () => {
    const order = await confirmed(world, facts([{ unitMinor: 300 }, { unitMinor: 400 }]));
    const [first, second] = order.lines;
    const cancel = (lineId: string | undefined) => ({
      action: 'cancel',
      reason: 'gone',
      lines: [{ lineId, quantity: 1 }],
    });

    const one = await act(seller, order, cancel(first));
    const both = await act(seller, order, cancel(second));

    expect(one.body['order']).toMatchObject({ status: 'awaiting_shipment', refundedMinor: 300 });
    expect(both.body['order']).toMatchObject({
      status: 'cancelled',
      refundedMinor: order.totalMinor,
    });
  });

  test('of the rest delivers an order of which everything else has arrived', async () => {
    const order = await confirmed(world, facts([{ quantity: 2 }]));
    const [lineId] = order.lines;
    const trackingNo = await shipped(seller, order, [{ lineId, quantity: 1 }]);
    await carrierSays(world, { trackingNo, status: 'delivered' });
    await world.settle();

    const { body } = await act(seller, order, { action: 'cancel', reason: 'no more of it' });

    expect(body['order']).toMatchObject({ status: 'delivered' });
  });

  test('counts against the shop', async () => {
    const metrics = async () =>
      (await raw('shops').findOne({ handle: seller.username }))?.['metrics'];
    await world.settle();
    const before = await metrics();
    const order = await confirmed(world, facts());

    await act(seller, order, { action: 'cancel', reason: 'sorry' });
    await world.settle();

    const after = await metrics();
    expect(after['cancelledBySeller']).toBe(before['cancelledBySeller'] + 1);
    expect(after['orders']).toBe(before['orders'] + 1);
  });
});

describe('sellerOrderAction consent', () => {
  const asked = async () => {
    const order = await confirmed(world, facts());
    await doAs(alice, order, { action: 'cancel', reason: 'too slow' });
    return order;
  };

  test('cancels what the buyer wants to be cancelled', async () => {
    const order = await asked();

    const { body } = await act(seller, order, { action: 'consent', grant: true });

    expect(body['order']).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'buyer', reason: 'too slow' },
    });
    expect(await refundsOf(order)).toMatchObject([{ initiatedBy: 'buyer' }]);
  });

  test('or declines it for good, and the order is to be shipped again', async () => {
    const order = await asked();

    const shippedAnyway = await act(seller, order, parcel('BEFORE-ANSWER'));
    const { body } = await act(seller, order, { action: 'consent', grant: false, note: 'packed' });
    const again = await doAs(alice, order, { action: 'cancel' });

    expect([shippedAnyway.status, shippedAnyway.body['code']]).toEqual([
      409,
      'cancellation_requested',
    ]);
    expect(body['order']).toMatchObject({
      status: 'awaiting_shipment',
      cancellation: null,
      deadline: { kind: 'ship' },
    });
    expect([again.status, again.body['code']]).toEqual([409, 'cancellation_already_asked']);
    const { timeline } = (await alice.get(`/api/orders/${order.id}`)).body as unknown as {
      timeline: readonly object[];
    };
    expect(timeline.at(-1)).toMatchObject({
      status: 'cancellation_declined',
      by: 'seller',
      note: 'packed',
    });
  });

  test('is refused when nobody asked', async () => {
    const order = await confirmed(world, facts());

    const answers = [
      await act(seller, order, { action: 'consent', grant: true }),
      await act(seller, order, { action: 'consent', grant: false }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([409, 409]);
  });
});

test('sellerOrderAction note is for the seller only', async () => {
  const order = await confirmed(world, facts());

  const { body } = await act(seller, order, { action: 'note', note: 'Gift\nwrap' });
  const mine = await alice.get(`/api/orders/${order.id}`);

  expect(body['order']?.['sellerNote']).toBe('Gift\nwrap');
  expect(mine.body['order']?.['sellerNote']).toBeNull();
});
