import mongoose from 'mongoose';
import type { Market, Wish } from './market.ts';
import { START_MINOR } from './market.ts';

type Row = Readonly<Record<string, unknown>> & { readonly claims: readonly unknown[] };

const rows = (collection: string, filter: object = {}): Promise<Row[]> =>
  mongoose.connection
    .collection(collection)
    .find({ ...filter })
    .toArray() as unknown as Promise<Row[]>;

const sum = (numbers: readonly unknown[]): number =>
  numbers.reduce<number>((all, one) => all + Number(one), 0);

/** What does not add up, in words; nothing when everything that was promised is so, once. */
export async function provenMarket(market: Market): Promise<string[]> {
  return [
    ...answeredWell(market.wishes),
    ...(await everyPurchaseOnce(market)),
    ...(await ordersAndPaymentsAgree()),
    ...(await stockConserved()),
    ...(await cashAsPromised(market)),
    ...(await nothingLeftBehind()),
  ];
}

function answeredWell(wishes: readonly Wish[]): string[] {
  const wrong = wishes.filter(({ answer }) => !answer || answer.status >= 500);
  return wrong.map(({ kind, answer }) => `${kind} was answered ${answer?.status}`);
}

const done = (wishes: readonly Wish[], kind: string, buyer: string): number =>
  wishes.filter((wish) => wish.kind === kind && wish.by.id === buyer && wish.answer?.status === 201)
    .length;

async function everyPurchaseOnce({ buyers, wishes }: Market): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id } of buyers) {
    const orders = await rows('orders', { buyer: new mongoose.Types.ObjectId(id) });
    const found = new Set(orders.map((order) => String(order['checkout']))).size;
    const told = done(wishes, 'buy', id);
    if (found !== told) wrong.push(`${found} checkouts, but ${told} were told of one`);
  }
  return wrong;
}

/** The states in which a paid order can be once everything has ended. */
const PAID = [
  ...['on_hold', 'awaiting_shipment', 'partially_shipped', 'shipped', 'delivered', 'completed'],
];

async function ordersAndPaymentsAgree(): Promise<string[]> {
  const wrong: string[] = [];
  const refunds = await rows('refunds');
  for (const order of await rows('orders')) {
    const id = String(order['_id']);
    const status = String(order['status']);
    const paid = order['paidAt'] !== undefined;
    if (status === 'pending_payment') wrong.push(`order ${id} still waits for payment`);
    if (PAID.includes(status) && !paid) wrong.push(`order ${id} is ${status} and was not paid`);
    const back = sum(
      refunds
        .filter((refund) => String(refund['order']) === id && refund['from'] !== 'escrow')
        .map((refund) => refund['amountMinor']),
    );
    if (status === 'cancelled' && paid && back !== order['totalMinor'])
      wrong.push(`order ${id} was cancelled and ${back} of ${order['totalMinor']} went back`);
  }
  for (const refund of refunds)
    if (refund['status'] !== 'succeeded')
      wrong.push(`refund ${String(refund['_id'])} is ${refund['status']}`);
  for (const payment of await rows('payments')) {
    const id = String(payment['_id']);
    const back = sum(
      refunds
        .filter((refund) => String(refund['payment']) === id)
        .map((refund) => refund['amountMinor']),
    );
    if (back !== payment['refundedMinor'])
      wrong.push(`payment ${id} gave back ${payment['refundedMinor']}, its refunds ${back}`);
    if (payment['open']) wrong.push(`payment ${id} is still ${payment['status']}`);
  }
  return wrong;
}

/** What was in stock is in stock, sold, or held; what came back is in stock again. */
async function stockConserved(): Promise<string[]> {
  const wrong: string[] = [];
  const reservations = await rows('inventoryreservations');
  const orders = await rows('orders', { status: 'cancelled' });
  const cancelled = new Set(orders.map(({ _id }) => String(_id)));
  const initial = new Map(
    (await rows('stockmovements')).map((move) => [String(move['variant']), Number(move['by'])]),
  );
  for (const variant of await rows('productvariants')) {
    const mine = reservations.filter(
      (one) =>
        String(one['variant']) === String(variant['_id']) &&
        (one['status'] === 'held' || one['status'] === 'committed'),
    );
    const held = mine.filter((one) => one['status'] === 'held');
    const sold = mine.filter((one) => !cancelled.has(String(one['order'])));
    if (held.length > 0) wrong.push(`${held.length} reservations are still held`);
    if (variant.claims.length > 0) wrong.push(`${variant.claims.length} claims lie about`);
    const all = Number(variant['available']) + sum(sold.map((one) => one['quantity']));
    const began = initial.get(String(variant['_id']));
    if (all !== began) wrong.push(`${all} pieces of ${variant['sku']}, which began with ${began}`);
  }
  return wrong;
}

/** What everybody has, from what was ordered and given, without looking at the books. */
async function cashAsPromised({ buyers, wishes, world }: Market): Promise<string[]> {
  const wrong: string[] = [];
  const payments = await rows('payments', { provider: 'wallet' });
  for (const buyer of buyers) {
    const spent = payments.filter((one) => String(one['payer']) === buyer.id);
    const expected =
      START_MINOR +
      1000 * done(wishes, 'topup', buyer.id) -
      5 * done(wishes, 'transfer', buyer.id) -
      sum(spent.map((one) => Number(one['capturedMinor']) - Number(one['refundedMinor'])));
    const { body } = await world.get('/api/wallet/balance', { token: buyer.token });
    // What was credited by the clock of the last host is still to come by that of this one.
    const has = Number(body['balance']) + Number(body['held']);
    if (has !== expected) wrong.push(`${buyer.username} has ${has} instead of ${expected}`);
  }
  return wrong;
}

async function nothingLeftBehind(): Promise<string[]> {
  const left = [
    ['running keys', await rows('idempotencykeys', { status: 'running' })],
    ['unpublished events', await rows('outboxevents', { status: 'pending' })],
    ['dead letters', await rows('outboxevents', { dead: true })],
  ] as const;
  return left.flatMap(([what, found]) => (found.length > 0 ? [`${found.length} ${what}`] : []));
}
