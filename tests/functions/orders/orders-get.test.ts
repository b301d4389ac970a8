import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ADDRESS,
  act,
  aliceAndASeller,
  confirmed,
  doAs,
  paidOrder,
  SHIPPING_MINOR,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = await aliceAndASeller(world);
});
afterAll(() => world.stop());

const facts = () => ({ buyer: alice, seller });

describe('ordersGet', () => {
  test('shows the buyer all of it', async () => {
    const order = await paidOrder(facts());

    const { body } = await alice.get(`/api/orders/${order.id}`);

    expect(body['order']).toMatchObject({
      id: order.id,
      status: 'on_hold',
      address: ADDRESS,
      totalMinor: order.totalMinor,
      invoiceNo: expect.stringMatching(/^INV-/),
      earningsMinor: null,
    });
    expect(body['order']?.['paymentId']).toBeTruthy();
    expect(body['timeline']).toMatchObject([{ status: 'pending_payment' }, { status: 'on_hold' }]);
  });

  test('keeps the address from the seller until it is theirs to ship, and after it no longer is', async () => {
    const order = await paidOrder(facts());
    const ready = await confirmed(world, facts());
    const gone = await confirmed(world, facts());
    await act(seller, gone, { action: 'cancel', reason: 'gone' });
    const seen = async (one: { readonly id: string }) =>
      (await seller.get(`/api/orders/${one.id}`)).body['order']?.['address'];
    const listed = async () => {
      const { body } = await seller.get('/api/seller/orders');
      const orders = body['orders'] as unknown as readonly { id: string; address: unknown }[];
      return new Map(orders.map(({ id, address }) => [id, address]));
    };

    const list = await listed();

    expect([await seen(order), await seen(ready), await seen(gone)]).toEqual([null, ADDRESS, null]);
    expect([order, ready, gone].map(({ id }) => list.get(id))).toEqual([null, ADDRESS, null]);
  });

  test('tells the seller what they earn, and not by which payment', async () => {
    const order = await paidOrder(facts());

    const { body } = await seller.get(`/api/orders/${order.id}`);

    expect(body['order']).toMatchObject({
      earningsMinor: 1000 - 50 + SHIPPING_MINOR,
      paymentId: null,
    });
  });

  test('says who did what, by their part in it', async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order);
    await doAs(alice, order, { action: 'confirm_receipt' });

    const { body } = await alice.get(`/api/orders/${order.id}`);

    const steps = body['timeline'] as unknown as readonly { status: string; by: string }[];
    expect(steps.map(({ status, by }) => [status, by])).toEqual([
      ['pending_payment', 'buyer'],
      ['on_hold', 'system'],
      ['awaiting_shipment', 'system'],
      ['shipped', 'seller'],
      ['delivered', 'buyer'],
      ['completed', 'buyer'],
    ]);
  });

  test('is for staff with the permission, and for nobody else', async () => {
    const order = await paidOrder(facts());
    const unpaid = await paidOrder({ ...facts(), unpaid: true });
    const [reader, other, stranger] = [
      await staffMember(world, ['orders.read']),
      await staffMember(world, ['money.read']),
      await world.person('stranger'),
    ];
    const ask = async (person: Person, { id } = order) =>
      (await person.get(`/api/orders/${id}`)).status;

    expect(await ask(reader)).toBe(200);
    expect([await ask(other), await ask(stranger), await ask(seller, unpaid)]).toEqual([
      404, 404, 404,
    ]);
    expect(await ask(alice, unpaid)).toBe(200);
  });
});
