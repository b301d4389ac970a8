import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  confirmed,
  delivered,
  doAs,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { expectProof } from '../orders/books.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
let alice: Person;
let seller: Person;
let one: Person;
let two: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = [await world.person('alice'), await world.person('seller')];
  await aShop(world, seller);
  one = await staffMember(world, ['money.refund']);
  two = await staffMember(world, ['money.refund']);
});
afterAll(() => world.stop());

const facts = (unitMinor = 1000) => ({ buyer: alice, seller, lines: [{ quantity: 2, unitMinor }] });
const act = (staff: Person, { id }: Pick<AnOrder, 'id'>, wish: object) =>
  staff.post(`/api/admin/orders/${id}/actions`, wish, { key: randomUUID() });
const LOST = { action: 'cancel', reason: 'The carrier lost it' };
const deedsOf = async ({ id }: AnOrder) =>
  (
    await raw('adminactions')
      .find({ 'target.id': toId(id) })
      .toArray()
  ).map((deed) => deed['action']);
async function onItsWay(unitMinor?: number): Promise<AnOrder> {
  const order = await confirmed(world, facts(unitMinor));
  await shipped(seller, order);
  return order;
}

describe('adminOrderAction', () => {
  test('cancels what got lost on its way, once, and gives everything back', async () => {
    const order = await onItsWay();
    const cash = await balanceOf(alice);

    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => act(one, order, LOST)));
    await world.settle();

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await rowOf(order.id)).toMatchObject({
      status: 'cancelled',
      cancellation: { by: 'staff', reason: 'The carrier lost it' },
    });
    expect(await balanceOf(alice)).toBe(cash + order.totalMinor);
    expect(await deedsOf(order)).toEqual(['order.cancel']);
    await expectProof(world);
  });

  test('cancels what is under review or not sent, and the rest of what is sent in part', async () => {
    const [held, late, partly] = [
      await paidOrder(facts()),
      await confirmed(world, facts()),
      await confirmed(world, facts()),
    ];
    await shipped(seller, partly, [{ lineId: partly.lines[0], quantity: 1 }]);
    const cash = await balanceOf(alice);

    const answers = [];
    for (const order of [held, late, partly]) answers.push(await act(one, order, LOST));
    await world.settle();

    expect(answers.map(({ body }) => body['order']?.['status'])).toEqual([
      ...['cancelled', 'cancelled', 'shipped'],
    ]);
    expect((await rowOf(partly.id)).lines[0]).toMatchObject({
      ...{ shippedQuantity: 1, cancelledQuantity: 1, refundedQuantity: 1 },
    });
    expect(await balanceOf(alice)).toBe(cash + held.totalMinor + late.totalMinor + 1000);
    await expectProof(world);
  });

  test('says that something has arrived, and that opens the window to give it back', async () => {
    const [order, unsent] = [await onItsWay(), await confirmed(world, facts())];
    const arrived = { action: 'deliver', reason: 'Signed for at the door' };

    const { body } = await act(one, order, arrived);
    const early = await act(one, unsent, arrived);

    expect(body['order']).toMatchObject({ status: 'delivered', deadline: { kind: 'complete' } });
    expect((await rowOf(order.id)).timeline.at(-1)).toMatchObject({
      ...{ status: 'delivered', by: toId(one.id), note: 'Signed for at the door' },
    });
    expect([early.status, early.body['current']]).toEqual([409, 'awaiting_shipment']);
  });

  test('takes two people for a large order, and each of them once', async () => {
    const order = await onItsWay(40_000);

    const { body } = await act(one, order, LOST);
    const waiting = await rowOf(order.id);
    const approvalId = body['approvalId'];
    const own = await act(one, order, { approvalId });
    const elsewhere = await act(two, await onItsWay(), { approvalId });
    const done = await Promise.all([
      act(two, order, { approvalId }),
      act(two, order, { approvalId }),
    ]);

    expect([body['order']?.['status'], waiting.status]).toEqual(['shipped', 'shipped']);
    expect([own.body['code'], elsewhere.status]).toEqual(['second_person_required', 404]);
    expect(done.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await rowOf(order.id)).status).toBe('cancelled');
    expect(await deedsOf(order)).toEqual(['order.cancel_proposed', 'order.cancel']);
  });

  test('leaves alone what is not paid, has arrived, or is over', async () => {
    const orders = [await paidOrder({ ...facts(), unpaid: true }), await delivered(world, facts())];
    const over = await paidOrder(facts());
    await doAs(alice, over, { action: 'cancel' });
    orders.push(over);

    const answers = [];
    for (const order of orders) answers.push(await act(one, order, LOST));

    expect(answers.map(({ status, body }) => [status, body['current']])).toEqual([
      [409, 'pending_payment'],
      [409, 'delivered'],
      [409, 'cancelled'],
    ]);
  });
});
