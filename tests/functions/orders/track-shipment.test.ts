import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  aliceAndASeller,
  carrierSays,
  confirmed,
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
afterAll(() => world.stop());

const DAY = Date.UTC(2030, 0, 1);
const at = (hour: number) => new Date(DAY + hour * 3_600_000);
const parcelsOf = async ({ id }: AnOrder) => {
  const { body } = await alice.get(`/api/orders/${id}`);
  return body['shipments'] as unknown as readonly {
    readonly status: string;
    readonly deliveredAt: string | null;
    readonly events: readonly { readonly status: string }[];
  }[];
};

describe('trackShipment', () => {
  test('puts news into the carrier’s order, in whichever order it comes', async () => {
    const order = await confirmed(world, { buyer: alice, seller });
    const trackingNo = await shipped(seller, order);

    await carrierSays(world, { trackingNo, status: 'out_for_delivery', at: at(30) });
    await world.settle();
    await carrierSays(world, { trackingNo, status: 'exception', at: at(20) });
    await carrierSays(world, { trackingNo, status: 'in_transit', at: at(2) });
    await carrierSays(world, { trackingNo, status: 'in_transit', at: at(2) });
    await world.settle();

    const [parcel] = await parcelsOf(order);
    expect(parcel?.status).toBe('out_for_delivery');
    expect(parcel?.events.map(({ status }) => status)).toEqual([
      'in_transit',
      'exception',
      'out_for_delivery',
    ]);
    expect((await rowOf(order.id)).status).toBe('shipped');
  });

  test('delivers an order when its last parcel has arrived, and never takes that back', async () => {
    const order = await confirmed(world, { buyer: alice, seller, lines: [{ quantity: 2 }] });
    const [lineId] = order.lines;
    const first = await shipped(seller, order, [{ lineId, quantity: 1 }]);
    const second = await shipped(seller, order);

    await carrierSays(world, { trackingNo: second, status: 'delivered' });
    await world.settle();
    const half = (await rowOf(order.id)).status;
    await carrierSays(world, { trackingNo: first, status: 'delivered' });
    await carrierSays(world, { trackingNo: first, status: 'in_transit' });
    await world.settle();

    expect(half).toBe('shipped');
    const { status, deadline } = await rowOf(order.id);
    expect([status, deadline?.kind]).toEqual(['delivered', 'complete']);
    const parcels = await parcelsOf(order);
    expect(parcels.map((parcel) => parcel.status)).toEqual(['delivered', 'delivered']);
    expect(parcels.every(({ deliveredAt }) => deliveredAt)).toBe(true);
  });

  test('sees that the last of several parcels has arrived when all arrive at once', async () => {
    const order = await confirmed(world, { buyer: alice, seller, lines: [{ quantity: 4 }] });
    const [lineId] = order.lines;
    const numbers: string[] = [];
    for (let parcel = 0; parcel < 4; parcel += 1)
      numbers.push(await shipped(seller, order, [{ lineId, quantity: 1 }]));

    await Promise.all(
      numbers.map((trackingNo) => carrierSays(world, { trackingNo, status: 'delivered' })),
    );
    await world.settle();

    expect((await rowOf(order.id)).status).toBe('delivered');
    const events = raw('outboxevents');
    const arrivals = await events.countDocuments({
      type: 'shipment.delivered',
      'payload.data.orderId': order.id,
    });
    expect(arrivals).toBe(4);
  });

  test('knows that a parcel came back', async () => {
    const order = await confirmed(world, { buyer: alice, seller });
    const trackingNo = await shipped(seller, order);

    await carrierSays(world, { trackingNo, status: 'returned_to_sender' });
    await world.settle();

    expect((await parcelsOf(order)).map(({ status }) => status)).toEqual(['returned_to_sender']);
    expect((await rowOf(order.id)).status).toBe('shipped');
  });

  test('passes over news of parcels that are not ours', async () => {
    const status = await carrierSays(world, { trackingNo: 'NOT-OURS-1', status: 'delivered' });
    await world.settle();

    expect(status).toBe(200);
  });
});
