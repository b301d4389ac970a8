import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { days, hours, minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  act,
  aliceAndASeller,
  carrierSays,
  confirmed,
  delivered,
  doAs,
  later,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = await aliceAndASeller(world);
});
beforeEach(() => later(world, 0, [alice, seller]));
afterAll(() => world.stop());

const facts = (quantity = 1) => ({ buyer: alice, seller, lines: [{ quantity }] });
const statusOf = async ({ id }: { readonly id: string }) => (await rowOf(id)).status;
const inbox = async (person: Person, { id }: { readonly id: string }) =>
  raw('notifications').countDocuments({
    user: toId(person.id),
    'subject.id': toId(id),
    type: 'order_updated',
  });

describe('orderDeadlines', () => {
  test('tells the seller to ship when the free time to cancel is over, and not before', async () => {
    const order = await paidOrder(facts());

    await later(world, minutes(29));
    const before = await statusOf(order);
    await later(world, minutes(2));

    const { status, shipBy, deadline } = await rowOf(order.id);
    expect([before, status]).toEqual(['on_hold', 'awaiting_shipment']);
    expect(deadline).toEqual({ kind: 'ship', at: shipBy });
    expect(await inbox(seller, order)).toBe(1);
  });

  test('reminds a late seller, and cancels what is still not sent ten days after', async () => {
    const order = await confirmed(world, facts());
    await world.settle();
    const told = [await inbox(alice, order), await inbox(seller, order)];

    await later(world, days(3) + minutes(1));
    const late = await rowOf(order.id);
    const reminded = [await inbox(alice, order), await inbox(seller, order)];
    await later(world, days(10));

    expect(late).toMatchObject({ status: 'awaiting_shipment', deadline: { kind: 'late' } });
    expect(reminded).toEqual(told.map((count) => count + 1));
    const { status, cancellation, refunded } = await rowOf(order.id);
    expect(status).toBe('cancelled');
    expect(cancellation).toMatchObject({ by: 'system', reason: 'not_shipped' });
    expect(refunded.itemsMinor + refunded.shippingMinor).toBe(order.totalMinor);
  });

  test('gives back the pieces that a late seller has not sent of an order', async () => {
    const order = await confirmed(world, facts(2));
    await shipped(seller, order, [{ lineId: order.lines[0], quantity: 1 }]);

    await later(world, days(3) + minutes(1));
    await later(world, days(10));

    const { status, refunded, lines } = await rowOf(order.id);
    expect([status, refunded.itemsMinor, lines[0]?.cancelledQuantity]).toEqual([
      'shipped',
      1000,
      1,
    ]);
  });

  test('grants a wish to cancel when the seller says nothing for a day', async () => {
    const order = await confirmed(world, facts());
    await doAs(alice, order, { action: 'cancel', reason: 'found it cheaper' });

    await later(world, hours(23));
    const before = await statusOf(order);
    await later(world, hours(2));

    const { status, cancellation } = await rowOf(order.id);
    expect([before, status]).toEqual(['awaiting_shipment', 'cancelled']);
    expect(cancellation).toMatchObject({ by: 'buyer', reason: 'found it cheaper' });
  });

  test('takes a parcel for delivered that has been on its way for long', async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order);

    await later(world, days(30) + minutes(1));

    const { status, deliveredAt, deadline } = await rowOf(order.id);
    expect([status, deadline?.kind]).toEqual(['delivered', 'complete']);
    expect(deliveredAt).toBeTruthy();
  });

  test('gives the money back for what came back to the seller', async () => {
    const order = await confirmed(world, facts());
    const trackingNo = await shipped(seller, order);
    await carrierSays(world, { trackingNo, status: 'returned_to_sender' });
    await world.settle();

    await later(world, days(30) + minutes(1));

    const { status, cancellation, refunded } = await rowOf(order.id);
    expect([status, cancellation?.reason]).toEqual(['cancelled', 'returned_to_sender']);
    expect(refunded.itemsMinor + refunded.shippingMinor).toBe(order.totalMinor);
  });

  test('completes an order when it can no longer be given back', async () => {
    const order = await delivered(world, facts());

    await later(world, days(13));
    const before = await statusOf(order);
    await later(world, days(1) + minutes(1));

    expect([before, await statusOf(order)]).toEqual(['delivered', 'completed']);
  });

  test('waits for the end of a return and of a dispute', async () => {
    const orders = [await delivered(world, facts()), await delivered(world, facts())];
    const [returned, disputed] = orders.map(({ id }) => ({ _id: toId(id) }));
    await raw('orders').updateOne(returned ?? {}, { $set: { returnStatus: 'open' } });
    await raw('orders').updateOne(disputed ?? {}, { $set: { disputed: true } });

    await later(world, days(14) + minutes(1));
    const waiting = await Promise.all(orders.map(statusOf));
    await raw('orders').updateOne(returned ?? {}, { $set: { returnStatus: 'closed' } });
    await raw('orders').updateOne(disputed ?? {}, { $set: { disputed: false } });
    await later(world, days(1) + minutes(1));

    expect(waiting).toEqual(['delivered', 'delivered']);
    expect(await Promise.all(orders.map(statusOf))).toEqual(['completed', 'completed']);
  });

  test('leaves alone what somebody did in time', async () => {
    const order = await confirmed(world, facts());
    await act(seller, order, { action: 'cancel', reason: 'gone' });

    await later(world, days(40));

    expect(await statusOf(order)).toBe('cancelled');
    expect((await rowOf(order.id)).cancellation?.by).toBe('seller');
  });
});
