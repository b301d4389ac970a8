import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addAddress } from '#domain/cart/addresses.ts';
import { everythingLeft, requestRefund } from '#domain/orders/refunds.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  ADDRESS,
  aliceAndASeller,
  confirmed,
  delivered,
  doAs,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
let alice: Person;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = await aliceAndASeller(world);
});
afterAll(() => world.stop());

const facts = () => ({ buyer: alice, seller });
const refundsOf = async ({ id }: { readonly id: string }) =>
  (await raw('refunds').find({}).toArray()).filter(({ order }) => String(order) === id);
const set = (id: string, fields: object) =>
  raw('orders').updateOne({ _id: toId(id) }, { $set: fields });

describe('ordersAction cancel', () => {
  test('gives up an order that is not paid', async () => {
    const order = await paidOrder({ ...facts(), unpaid: true });

    const { body } = await doAs(alice, order, { action: 'cancel' });

    expect(body['order']).toMatchObject({ status: 'cancelled', refundedMinor: 0, deadline: null });
    expect(await refundsOf(order)).toEqual([]);
  });

  test('is free for a while after paying, and gives everything back', async () => {
    const order = await paidOrder(facts());

    const { status, body } = await doAs(alice, order, { action: 'cancel', reason: 'too dear' });

    expect(status).toBe(200);
    expect(body['order']).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'buyer', reason: 'too dear', requestedAt: null },
      refundedMinor: order.totalMinor,
      deadline: null,
    });
    expect(body['order']?.['lines']?.at(0)).toMatchObject({ cancelledQuantity: 1 });
    expect(await refundsOf(order)).toMatchObject([
      { amountMinor: order.totalMinor, initiatedBy: 'buyer', restock: true },
    ]);
  });

  test('gives back what is left: the shipping, where every piece was refunded before', async () => {
    const order = await paidOrder(facts());
    const cash = await balanceOf(alice);
    const [line = ''] = order.lines;
    const pieces = [{ line: toId<'line'>(line), quantity: 1 }];
    const parts = { lines: pieces, shippingMinor: 0, goodwillMinor: 0 } as const;
    const why = { reason: 'sold out', initiatedBy: 'staff', restock: false } as const;
    await transaction(async () => {
      const wish = {
        order: await rowOf(order.id),
        parts: { ...parts, goodwillBy: 'seller' },
      } as const;
      await requestRefund({ ...wish, ...why }, world.now());
    });

    await doAs(alice, order, { action: 'cancel' });
    await world.settle();

    expect(await rowOf(order.id)).toMatchObject({
      status: 'cancelled',
      shares: { sellerMinor: 0 },
    });
    expect(await balanceOf(alice)).toBe(cash + order.totalMinor);
  });

  test('ends an order of which nothing is left to give back', async () => {
    const order = await paidOrder(facts());
    await transaction(async () => {
      const row = await rowOf(order.id);
      const why = { reason: 'sold out', initiatedBy: 'staff', restock: false } as const;
      await requestRefund({ order: row, parts: everythingLeft(row), ...why }, world.now());
    });

    const { body } = await doAs(alice, order, { action: 'cancel' });

    expect(body['order']).toMatchObject({
      status: 'cancelled',
      refundedMinor: order.totalMinor,
    });
    expect(await refundsOf(order)).toHaveLength(1);
  });

  test('gives back once what five ask for at once', async () => {
    const order = await paidOrder(facts());

    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map(() => doAs(alice, order, { action: 'cancel' })),
    );

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await refundsOf(order)).toHaveLength(1);
  });

  test('asks the seller once the order is theirs to ship', async () => {
    const order = await confirmed(world, facts());

    const asked = await doAs(alice, order, { action: 'cancel', reason: 'too late' });
    const again = await doAs(alice, order, { action: 'cancel', reason: 'please' });

    expect(asked.body['order']).toMatchObject({
      status: 'awaiting_shipment',
      deadline: { kind: 'consent' },
      cancellation: { by: 'buyer', reason: 'too late' },
    });
    expect(asked.body['order']?.['cancellation']?.['requestedAt']).toBeTruthy();
    expect([again.status, again.body['code']]).toEqual([409, 'cancellation_already_asked']);
    expect(await refundsOf(order)).toEqual([]);
  });

  test('is refused once something was sent', async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order);

    const { status, body } = await doAs(alice, order, { action: 'cancel' });

    expect([status, body['current']]).toEqual([409, 'shipped']);
  });
});

describe('ordersAction confirm_receipt', () => {
  test('completes an order that was delivered', async () => {
    const order = await delivered(world, facts());

    const { body } = await doAs(alice, order, { action: 'confirm_receipt' });

    expect(body['order']).toMatchObject({ status: 'completed', deadline: null });
    expect(body['order']?.['completedAt']).toBeTruthy();
  });

  test('delivers and completes an order whose carrier has not said so yet', async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order);

    const { body } = await doAs(alice, order, { action: 'confirm_receipt' });

    expect(body['order']).toMatchObject({ status: 'completed' });
    const { timeline } = await rowOf(order.id);
    expect(timeline.slice(-2).map(({ status }) => status)).toEqual(['delivered', 'completed']);
  });

  test('is refused while a return or a dispute is open, and before anything was sent', async () => {
    const [returned, disputed, early] = [
      await delivered(world, facts()),
      await confirmed(world, facts()),
      await confirmed(world, facts()),
    ];
    await shipped(seller, disputed);
    await set(returned.id, { returnStatus: 'open' });
    await set(disputed.id, { disputed: true });

    const answers = [
      await doAs(alice, returned, { action: 'confirm_receipt' }),
      await doAs(alice, disputed, { action: 'confirm_receipt' }),
      await doAs(alice, early, { action: 'confirm_receipt' }),
    ];

    expect(answers.map(({ body }) => body['code'])).toEqual([
      'return_open',
      'return_open',
      'conflict',
    ]);
  });
});

describe('ordersAction change_address', () => {
  const elsewhere = { ...ADDRESS, lines: ['Short Street 2'], city: 'Hamburg' };

  test('sends it somewhere else until it is sent', async () => {
    const [early, late, sent] = [
      await paidOrder(facts()),
      await confirmed(world, facts()),
      await confirmed(world, facts()),
    ];
    await shipped(seller, sent);
    const change = { action: 'change_address', address: elsewhere };

    const answers = [
      await doAs(alice, early, change),
      await doAs(alice, late, change),
      await doAs(alice, sent, change),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 409]);
    expect(answers[0]?.body['order']?.['address']).toMatchObject({ city: 'Hamburg' });
    expect(answers[1]?.body['order']).toMatchObject({
      address: { lines: ['Short Street 2'] },
      deadline: { kind: 'ship' },
    });
    expect((await rowOf(sent.id)).address.city).toBe('Berlin');
  });

  test('takes one’s own saved address, and nobody else’s', async () => {
    const order = await paidOrder(facts());
    const save = ({ id }: Person) =>
      addAddress(toId<'user'>(id), { address: elsewhere, isDefault: undefined });
    const [saved, theirs] = [await save(alice), await save(seller)];
    const use = ({ _id }: typeof saved) => ({
      action: 'change_address',
      addressId: _id.toHexString(),
    });

    const mine = await doAs(alice, order, use(saved));
    const other = await doAs(alice, order, use(theirs));

    expect(mine.body['order']?.['address']).toMatchObject({ city: 'Hamburg' });
    expect(other.status).toBe(404);
  });

  test('refuses another country, no address, and two', async () => {
    const order = await paidOrder(facts());
    const change = (fields: object) => doAs(alice, order, { action: 'change_address', ...fields });

    const answers = [
      await change({ address: { ...elsewhere, country: 'FR' } }),
      await change({}),
      await change({ address: elsewhere, addressId: order.id }),
    ];

    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [409, 'other_destination'],
      [400, 'validation_failed'],
      [400, 'validation_failed'],
    ]);
  });
});
