/** The order's state machine, walked through what people, carriers and jobs really do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ORDER_STATUSES, type OrderStatus } from '#domain/orders/order.model.ts';
import { NEXT_STATUS } from '#domain/orders/order-state.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import {
  type AnOrder,
  act,
  aliceAndASeller,
  carrierSays,
  confirmed,
  doAs,
  later,
  paidOrder,
  rowOf,
  shipped,
} from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
let seller: Person;
let staff: Person;
beforeAll(async () => {
  world = await startWorld();
  [alice, seller] = await aliceAndASeller(world);
  staff = await staffMember(world, ['money.refund']);
});
beforeEach(() => later(world, 0, [alice, seller, staff]));
afterAll(() => world.stop());

const facts = () => ({ buyer: alice, seller, lines: [{ quantity: 2 }] });
const half = (order: AnOrder) => [{ lineId: order.lines[0], quantity: 1 }];

/** The clock says that it is time for something, whatever state the order is in. */
async function deadline(order: AnOrder, kind: string): Promise<number> {
  const due = { deadline: { kind, at: world.now() } };
  const before = (await rowOf(order.id)).deadline;
  await raw('orders').updateOne({ _id: toId(order.id) }, { $set: due });
  await world.runJob('orderDeadlines');
  const after = await rowOf(order.id);
  const untouched = after.deadline?.kind === kind && after.deadline.at <= world.now();
  const back = before ? { $set: { deadline: before } } : { $unset: { deadline: 1 } };
  if (untouched) await raw('orders').updateOne({ _id: toId(order.id) }, back);
  return untouched ? 409 : 200;
}

async function parcelsArrive(order: AnOrder, status = 'delivered'): Promise<number> {
  const { body } = await alice.get(`/api/orders/${order.id}`);
  for (const parcel of body['shipments'] ?? [])
    await carrierSays(world, { trackingNo: String(parcel['trackingNo']), status });
  await world.settle();
  return 409;
}

let numbers = 0;
const ship = (order: AnOrder, lines?: ReturnType<typeof half>) => {
  numbers += 1;
  const wish = { action: 'ship', carrier: 'ups', trackingNo: `STATES-${numbers}` };
  return act(seller, order, { ...wish, ...(lines && { lines }) });
};

const byStaff = ({ id }: AnOrder, action: string) =>
  staff.post(`/api/admin/orders/${id}/actions`, { action, reason: 'test' }, { key: randomUUID() });

type Deed = (order: AnOrder) => Promise<number>;
const statusOf = (answer: Promise<{ readonly status: number }>) =>
  answer.then(({ status }) => status);

/** Everything that brings orders from one state into another. */
const DEEDS = {
  'the buyer pays': ({ id }) =>
    statusOf(
      alice.post(`/api/orders/${id}/pay`, { paymentMethod: 'wallet' }, { key: `pay-${id}` }),
    ),
  'the free time ends': (order) => deadline(order, 'confirm'),
  'the seller ships a part': (order) => statusOf(ship(order, half(order))),
  'the seller ships the rest': (order) => statusOf(ship(order)),
  'all parcels arrive': (order) => parcelsArrive(order),
  'it was long enough on its way': (order) => deadline(order, 'transit'),
  'the buyer confirms': (order) => statusOf(doAs(alice, order, { action: 'confirm_receipt' })),
  'it can no longer be given back': (order) => deadline(order, 'complete'),
  'the buyer cancels': (order) => statusOf(doAs(alice, order, { action: 'cancel' })),
  'the seller cancels': (order) =>
    statusOf(act(seller, order, { action: 'cancel', reason: 'gone' })),
  'the seller agrees': (order) => statusOf(act(seller, order, { action: 'consent', grant: true })),
  'the seller says nothing': (order) => deadline(order, 'consent'),
  'it is still not sent': (order) => deadline(order, 'late'),
  'staff cancels': (order) => statusOf(byStaff(order, 'cancel')),
  'staff knows that it arrived': (order) => statusOf(byStaff(order, 'deliver')),
  'all of it comes back': async (order) => {
    await parcelsArrive(order, 'returned_to_sender');
    return deadline(order, 'transit');
  },
} as const satisfies Readonly<Record<string, Deed>>;
type DeedName = keyof typeof DEEDS;

/** What leads from where to where; what is not here is refused. */
const LISTED: readonly (readonly [OrderStatus, DeedName, OrderStatus])[] = [
  ['pending_payment', 'the buyer pays', 'on_hold'],
  ['pending_payment', 'the buyer cancels', 'cancelled'],
  ['on_hold', 'the free time ends', 'awaiting_shipment'],
  ['on_hold', 'the buyer cancels', 'cancelled'],
  ['on_hold', 'staff cancels', 'cancelled'],
  ['awaiting_shipment', 'the seller ships a part', 'partially_shipped'],
  ['awaiting_shipment', 'the seller ships the rest', 'shipped'],
  ['awaiting_shipment', 'the seller cancels', 'cancelled'],
  ['awaiting_shipment', 'it is still not sent', 'cancelled'],
  ['awaiting_shipment', 'staff cancels', 'cancelled'],
  ['partially_shipped', 'the seller ships the rest', 'shipped'],
  ['partially_shipped', 'the seller cancels', 'shipped'],
  ['partially_shipped', 'it is still not sent', 'shipped'],
  ['partially_shipped', 'staff cancels', 'shipped'],
  ['shipped', 'all parcels arrive', 'delivered'],
  ['shipped', 'it was long enough on its way', 'delivered'],
  ['shipped', 'staff knows that it arrived', 'delivered'],
  ['shipped', 'all of it comes back', 'cancelled'],
  ['shipped', 'staff cancels', 'cancelled'],
  ['delivered', 'the buyer confirms', 'completed'],
  ['delivered', 'it can no longer be given back', 'completed'],
];

/** What is not refused though it leads to no state of its own. */
const OTHERWISE: readonly (readonly [OrderStatus, DeedName])[] = [
  ['awaiting_shipment', 'the buyer cancels'], // asks the seller
  ['partially_shipped', 'the seller ships a part'], // which is the rest here
  ['shipped', 'the buyer confirms'], // delivered and completed in one
];

const fresh: Readonly<Record<OrderStatus, () => Promise<AnOrder>>> = {
  pending_payment: () => paidOrder({ ...facts(), unpaid: true }),
  on_hold: () => paidOrder(facts()),
  awaiting_shipment: () => confirmed(world, facts()),
  partially_shipped: async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order, half(order));
    return order;
  },
  shipped: async () => {
    const order = await confirmed(world, facts());
    await shipped(seller, order);
    return order;
  },
  delivered: async () => {
    const order = await fresh.shipped();
    await parcelsArrive(order);
    return order;
  },
  completed: async () => {
    const order = await fresh.shipped();
    await doAs(alice, order, { action: 'confirm_receipt' });
    await world.settle();
    return order;
  },
  cancelled: async () => {
    const order = await confirmed(world, facts());
    await act(seller, order, { action: 'cancel', reason: 'gone' });
    await world.settle();
    return order;
  },
};

test('every transition there is has a way that leads there, and every way is a transition', () => {
  const edges = ORDER_STATUSES.flatMap((from) => NEXT_STATUS[from].map((to) => `${from} → ${to}`));
  const walked = new Set(LISTED.map(([from, , to]) => `${from} → ${to}`));

  expect([...walked].sort()).toEqual(edges.sort());
});

test.each(LISTED)('%s: %s → %s', async (from, deed, to) => {
  const order = await fresh[from]();

  await DEEDS[deed](order);

  const { status, timeline } = await rowOf(order.id);
  expect([status, timeline.at(-1)?.status]).toEqual([to, to]);
});

describe('a wish to cancel', () => {
  test.each(['the seller agrees', 'the seller says nothing'] as const)('%s', async (deed) => {
    const order = await fresh.awaiting_shipment();
    await doAs(alice, order, { action: 'cancel' });

    await DEEDS[deed](order);

    expect((await rowOf(order.id)).status).toBe('cancelled');
  });
});

/** An order without what only says that it was looked at. */
async function contents({ id }: AnOrder) {
  const { version: _, updatedAt: __, ...row } = await rowOf(id);
  return row;
}
const known = (from: OrderStatus): ReadonlySet<string> =>
  new Set([...LISTED, ...OTHERWISE].flatMap(([state, deed]) => (state === from ? [deed] : [])));
const names = Object.keys(DEEDS) as readonly DeedName[];

test.each(ORDER_STATUSES)(
  '%s: everything else is refused and changes nothing',
  {
    timeout: 240_000,
  },
  async (from) => {
    const order = await fresh[from]();
    const before = await contents(order);
    const refused = names.filter((deed) => !known(from).has(deed));

    const answers: (readonly [DeedName, number])[] = [];
    for (const deed of refused) answers.push([deed, await DEEDS[deed](order)]);

    // To a seller, what was not paid does not exist.
    const expected = answers.map(([deed, status]) => [deed, status === 404 ? 404 : 409]);
    expect(answers).toEqual(expected);
    expect(await contents(order)).toEqual(before);
  },
);
