import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { returnById } from '#domain/orders/return-state.ts';
import { days, hours } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { carrierSays } from '../../support/orders.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aReturn, pass } from '../../support/returns.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
let buyer: Person;
let seller: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  buyer = await world.person('buyer');
  seller = await world.person('seller');
  shop = await aShop(world, seller);
});
afterAll(() => world.stop());

const anOrder = async (): Promise<OrderRow> =>
  (await aPaidOrder(world, buyer, shop, { method: 'wallet' })).order;
const rowOf = async (id: string) => await returnById(toId<'return'>(id));
/** Time passes, and whatever is due happens. */
const later = async (milliseconds: number) => {
  await pass(world, milliseconds, buyer, seller);
  await world.runJob('returnDeadlines');
  await world.settle();
};
let sent = 0;
/** A return on its way, by the parcel's number. */
async function sentBack(order: OrderRow): Promise<readonly [id: string, trackingNo: string]> {
  const id = await aReturn(buyer, order);
  await act(seller, id, 'approve');
  sent += 1;
  const trackingNo = `JD0140${sent}`;
  await act(buyer, id, 'ship', { carrier: 'dhl', trackingNo });
  return [id, trackingNo];
}
const told = async (trackingNo: string, status: string) => {
  expect(await carrierSays(world, { trackingNo, status })).toBe(200);
  await world.settle();
};

describe('returnDeadlines', () => {
  test('agrees for a seller who is silent, and expires what is not sent', async () => {
    const order = await anOrder();
    const id = await aReturn(buyer, order);
    await later(hours(47));
    expect(await rowOf(id)).toMatchObject({ status: 'requested' });

    await later(hours(1));
    expect(await rowOf(id)).toMatchObject({ status: 'approved', deadline: { kind: 'ship' } });
    await later(days(7));

    expect(await rowOf(id)).toMatchObject({ status: 'expired' });
    expect((await orderById(order._id))?.returnStatus).toBe('closed');
    const inbox = await buyer.get('/api/notifications');
    expect(inbox.body['notifications']?.[0]).toMatchObject({ type: 'return_updated' });
  });

  test('lets a refusal stand that the buyer does not fight', async () => {
    const order = await anOrder();
    const id = await aReturn(buyer, order);
    await act(seller, id, 'reject', { note: 'Worn' });

    await later(days(7));

    expect((await rowOf(id))?.open).toBeUndefined();
    expect((await orderById(order._id))?.returnStatus).toBe('closed');
    expect((await act(buyer, id, 'escalate')).status).toBe(409);
  });

  test('follows a parcel, and refunds when the seller says nothing to it', async () => {
    const order = await anOrder();
    const [id, trackingNo] = await sentBack(order);
    const cash = await balanceOf(buyer);
    await told(trackingNo, 'in_transit');
    expect(await rowOf(id)).toMatchObject({ status: 'in_transit', deadline: { kind: 'transit' } });
    await told(trackingNo, 'delivered');
    expect(await rowOf(id)).toMatchObject({ status: 'in_transit', deadline: { kind: 'arrived' } });
    await told(trackingNo, 'out_for_delivery');

    await later(days(3));
    expect(await rowOf(id)).toMatchObject({ status: 'received', deadline: { kind: 'settle' } });
    await later(hours(48));

    expect(await rowOf(id)).toMatchObject({
      status: 'resolved',
      resolution: { outcome: 'full', by: 'system', amountMinor: 1000 },
    });
    expect(await balanceOf(buyer)).toBe(cash + 1000);
  });

  test('takes a parcel for arrived of which no carrier tells', async () => {
    const [id] = await sentBack(await anOrder());

    await later(days(30));
    expect(await rowOf(id)).toMatchObject({ status: 'in_transit', deadline: { kind: 'arrived' } });
    await later(days(3));

    expect(await rowOf(id)).toMatchObject({ status: 'received' });
  });

  test('counts the days of the seller from the arrival, also when it is all that is heard', async () => {
    const [id, trackingNo] = await sentBack(await anOrder());

    await told(trackingNo, 'delivered');
    const first = await rowOf(id);
    await pass(world, hours(1), buyer, seller);
    await told(trackingNo, 'delivered');

    expect(first).toMatchObject({ status: 'in_transit', deadline: { kind: 'arrived' } });
    expect((await rowOf(id))?.deadline).toEqual(first?.deadline);
  });

  test('changes nothing of what somebody did in time', async () => {
    const id = await aReturn(buyer, await anOrder());
    await act(buyer, id, 'withdraw');

    await later(days(60));

    expect(await rowOf(id)).toMatchObject({ status: 'withdrawn' });
  });
});
