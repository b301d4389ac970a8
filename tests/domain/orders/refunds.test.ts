import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { resolveRefund } from '#domain/orders/execute-refund.ts';
import type { OrderRow } from '#domain/orders/order-state.ts';
import { orderById } from '#domain/orders/order-state.ts';
import { paymentById } from '#domain/orders/payments.ts';
import { REFUND_STATUSES } from '#domain/orders/refund.model.ts';
import { moveRefund, type RefundRow, refundById } from '#domain/orders/refund-state.ts';
import {
  everythingLeft,
  type RefundParts,
  refundCapture,
  refundsOf,
  requestRefund,
} from '#domain/orders/refunds.ts';
import { settleOrder } from '#domain/orders/settlement.ts';
import { earnerAccount, escrowOf, shopAccount } from '#domain/wallet/accounts.ts';
import { hours, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { balanceOf } from '../../functions/wallet/money.ts';
import { eventually } from '../../support/eventually.ts';
import { accountOf, anOrder, aPaidOrder, pay, share } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { raw } from '../wallet/books.ts';

let world: World;
let buyer: Person;
let creator: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  buyer = await world.person('buyer');
  creator = await world.person('creator');
  shop = await aShop(world, await world.person('seller'));
});
afterAll(() => world.stop());

const NOTHING = { lines: [], shippingMinor: 0, goodwillMinor: 0, goodwillBy: 'seller' } as const;
const some = (order: OrderRow, quantity: number, more: Partial<RefundParts> = {}): RefundParts => ({
  ...NOTHING,
  lines: order.lines.slice(0, 1).map(({ id: line }) => ({ line, quantity })),
  ...more,
});
const ask = (order: OrderRow, parts: RefundParts, restock = false): Promise<RefundRow> =>
  transaction(() =>
    requestRefund({ order, parts, reason: 'test', initiatedBy: 'staff', restock }, world.now()),
  );
const askForRest = async (order: OrderRow, restock = false): Promise<RefundRow> =>
  ask(order, everythingLeft((await orderById(order._id)) as OrderRow), restock);
const statusOf = async ({ _id }: RefundRow) => (await refundById(_id))?.status;
const becomes = (refund: RefundRow, status: string) =>
  eventually(
    () => statusOf(refund),
    (now) => now === status,
  );
const proof = async () => (await audit(world.now(), new Date(Date.now() + minutes(1)))).differences;
const pending = () => accountOf(shopAccount(toId(shop.id), 'pending'));
const stockOf = async ({ lines: [line] }: OrderRow) =>
  (await raw('productvariants').findOne({ _id: line?.variant ?? toId('0'.repeat(24)) }))?.[
    'available'
  ];
const everyone = () => ({
  lines: [
    {
      ...{ quantity: 3, unitMinor: 333, sellerDiscountMinor: 100, platformDiscountMinor: 50 },
      ...{ taxMinor: 170, feeMinor: 45, affiliate: { creator, minor: 89 } },
    },
  ],
  shippingMinor: 500,
  platformShippingDiscountMinor: 100,
  shippingTaxMinor: 80,
});

describe('a refund', () => {
  test('goes back to the card, and everybody gives their part of it', async () => {
    const { order, payment } = await aPaidOrder(world, buyer, shop, everyone());
    const aff = earnerAccount(toId(creator.id), 'pending');
    const before = { stock: await stockOf(order), psp: await accountOf('psp') };

    const refund = await ask(order, some(order, 1, { shippingMinor: 100 }), true);
    await world.settle();

    expect(await statusOf(refund)).toBe('succeeded');
    expect((await accountOf('psp')) - before.psp).toBe(refund.amountMinor);
    const changed = await orderById(order._id);
    expect(await pending()).toBe(changed?.shares?.sellerMinor);
    expect(await accountOf(aff)).toBe(changed?.shares?.affiliates[0]?.minor);
    expect(changed?.lines[0]?.refundedQuantity).toBe(1);
    expect(await paymentById(payment._id)).toMatchObject({
      status: 'partially_refunded',
      refundedMinor: refund.amountMinor,
      refundingMinor: 0,
    });
    expect(await stockOf(order)).toBe(before.stock + 1);
    const [commission] = await raw('commissions').find({ order: order._id }).toArray();
    expect(commission).toMatchObject({ amountMinor: 60, reversedMinor: 29 });
    const inbox = await buyer.get('/api/notifications');
    expect(inbox.body['notifications']?.[0]).toMatchObject({ type: 'refund_issued' });
    const seen = await world.realtime(`user:${buyer.id}`);
    expect(seen.filter(({ name }) => name === 'order:update').at(-1)?.data).toEqual({
      orderId: order._id.toHexString(),
      refund: { id: refund._id.toHexString(), status: 'succeeded' },
    });

    const rest = await askForRest(order);
    await world.settle();

    expect(await statusOf(rest)).toBe('succeeded');
    expect(await pending()).toBe(0);
    expect(await accountOf(aff)).toBe(0);
    expect(await Promise.all([accountOf('fee'), accountOf('tax'), accountOf('promo')])).toEqual([
      0, 0, 0,
    ]);
    expect(await paymentById(payment._id)).toMatchObject({
      status: 'refunded',
      refundedMinor: payment.capturedMinor,
    });
    await expect(askForRest(order)).rejects.toMatchObject({ code: 'not_refundable' });
    expect(await proof()).toEqual([]);
  });

  test('of what was paid with a balance goes back into it', async () => {
    const before = await balanceOf(buyer);
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'wallet' });

    const refund = await ask(order, some(order, 1, { goodwillMinor: 50, goodwillBy: 'platform' }));
    await world.settle();

    expect(await statusOf(refund)).toBe('succeeded');
    expect(await balanceOf(buyer)).toBe(before + 1050);
    expect(await accountOf('promo')).toBe(-50);
    expect(await proof()).toEqual([]);
  });

  test('of an order that cost nothing takes back only what was put in for it', async () => {
    const placed = await anOrder(world, buyer, shop, {
      lines: [{ quantity: 1, platformDiscountMinor: 1000 }],
    });
    const order = await share(world, placed);
    const [before, stock] = [await accountOf('promo'), await stockOf(order)];

    const refund = await askForRest(order, true);
    await world.settle();

    expect(refund).toMatchObject({ amountMinor: 0 });
    expect(await statusOf(refund)).toBe('succeeded');
    expect(await accountOf('promo')).toBe(before + 1000);
    expect(await stockOf(order)).toBe(stock + 1);
    expect(await proof()).toEqual([]);
  });

  test('of the last piece is given once, however many ask at once', async () => {
    const { order } = await aPaidOrder(world, buyer, shop, { lines: [{ quantity: 1 }] });

    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => ask(order, some(order, 1))),
    );
    await world.settle();

    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(refused).toEqual(Array(4).fill('not_refundable'));
    expect(await refundsOf(order._id)).toMatchObject([{ status: 'succeeded', amountMinor: 1000 }]);
    expect(await proof()).toEqual([]);
  });

  test('never takes for one order what was paid for another', async () => {
    const first = await anOrder(world, buyer, shop);
    const second = await anOrder(world, buyer, shop);
    const payment = await pay(world, [first, second]);
    const order = await share(world, first, payment);
    await share(world, second, payment);

    const more = ask(order, { ...NOTHING, goodwillMinor: 2001 });

    await expect(more).rejects.toMatchObject({
      code: 'not_refundable',
      facts: { current: { leftMinor: 2000 } },
    });
    await expect(ask(order, NOTHING)).rejects.toMatchObject({ code: 'not_refundable' });
    await expect(ask(await anOrder(world, buyer, shop), NOTHING)).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('comes out of what the shop has when the order was settled before', async () => {
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'pm_card_pendingRefund' });
    const inFlight = await settledMeanwhile(order);
    const [held, available] = [await pending(), await availableNow()];

    const called = await transaction(() => resolveRefund(inFlight._id, 'cancel', world.now()));
    expect(called.status).toBe('cancelled');
    expect((await pending()) - held).toBe(-1000);
    expect((await availableNow()) - available).toBe(1000);
    expect(await orderById(order._id)).toMatchObject({ lines: [{ refundedQuantity: 0 }] });

    const next = await ask(order, some(order, 1));
    expect(await becomes(next, 'succeeded')).toBe('succeeded');

    expect(next.from).toBe('available');
    expect((await availableNow()) - available).toBe(0);
    expect(await proof()).toEqual([]);
  });
});

const availableNow = () => accountOf(shopAccount(toId(shop.id), 'available'));

/** A refund of one piece that waits for a person, while the rest of the order is settled. */
async function settledMeanwhile(order: OrderRow): Promise<RefundRow> {
  const refund = await unanswered(order);
  await world.payments('POST', 'webhooks', { mode: 'deliver' });
  const settlement = { dueAt: world.now() };
  await raw('orders').updateOne({ _id: order._id }, { $set: { settlement } });
  await settleOrder(order._id, world.now());
  return refund;
}

/** A refund that the provider has taken, and of which it says nothing more. */
async function unanswered(order: OrderRow): Promise<RefundRow> {
  await world.payments('POST', 'webhooks', { mode: 'hold' });
  const refund = await ask(order, some(order, 1));
  await world.settle();
  await forced(refund, 'manual');
  return refund;
}

const forced = (refund: RefundRow, status: string) =>
  raw('refunds').updateOne({ _id: refund._id }, { $set: { status }, $unset: { open: 1 } });

describe('a provider', () => {
  test.each(['before', 'after'] as const)(
    'that fails %s it did as asked is asked again, and has refunded once',
    async (mode) => {
      const { order, payment } = await aPaidOrder(world, buyer, shop);
      const psp = await accountOf('psp');
      await world.payments('POST', 'webhooks', { mode: 'hold' });
      await world.payments('POST', 'outage', { mode });
      const refund = await ask(order, some(order, 1));
      await world.settle();
      expect(await statusOf(refund)).toBe('processing');
      await world.payments('POST', 'outage', { mode: 'none' });
      await world.payments('POST', 'webhooks', { mode: 'deliver' });

      world.advance(minutes(6));
      await world.runJob('reconcileRefunds');
      await world.runJob('reconcileRefunds');
      await world.settle();

      expect(await statusOf(refund)).toBe('succeeded');
      expect((await accountOf('psp')) - psp).toBe(1000);
      expect(await paymentById(payment._id)).toMatchObject({ refundedMinor: 1000 });
      expect(await proof()).toEqual([]);
    },
  );

  test('that takes its time is waited for, and repeats itself without effect', async () => {
    await world.payments('POST', 'webhooks', { mode: 'twice' });
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'pm_card_pendingRefund' });
    const psp = await accountOf('psp');

    const refund = await ask(order, some(order, 2));

    expect(await becomes(refund, 'succeeded')).toBe('succeeded');
    await world.settle();
    await world.payments('POST', 'webhooks', { mode: 'deliver' });
    world.advance(minutes(6));
    await world.runJob('reconcileRefunds');
    expect((await accountOf('psp')) - psp).toBe(2000);
    expect((await refundById(refund._id))?.timeline.map(({ status }) => status)).toEqual([
      ...['pending', 'processing', 'succeeded'],
    ]);
    expect(await proof()).toEqual([]);
  });

  test('whose bank sends the money back leads to the buyer’s wallet', async () => {
    const before = await balanceOf(buyer);
    const { order, payment } = await aPaidOrder(world, buyer, shop, {
      method: 'pm_card_refundFail',
    });

    const refund = await ask(order, some(order, 1));

    expect(await becomes(refund, 'returned')).toBe('returned');
    await world.settle();
    expect(await balanceOf(buyer)).toBe(before + 1000);
    expect(await paymentById(payment._id)).toMatchObject({ refundedMinor: 1000 });
    expect(await refundById(refund._id)).toMatchObject({ failureCode: 'expired_or_canceled_card' });
    expect(await proof()).toEqual([]);
  });

  test('that refuses is asked again later and later, and then it is for a person', async () => {
    const { order, payment } = await aPaidOrder(world, buyer, shop);
    await world.payments('POST', `charges/${payment.providerRef}/dispute`, {});
    const refund = await ask(order, some(order, 1));
    await world.settle();
    expect(await refundById(refund._id)).toMatchObject({
      status: 'failed',
      failureCode: 'charge_disputed',
      attempts: 1,
    });

    for (let attempt = 2; attempt <= 5; attempt += 1) {
      world.advance(hours(12));
      await world.runJob('reconcileRefunds');
    }
    await world.settle();

    expect(await refundById(refund._id)).toMatchObject({ status: 'manual', attempts: 5 });
    const before = await balanceOf(buyer);
    const done = await transaction(() => resolveRefund(refund._id, 'to_wallet', world.now()));
    await world.settle();
    expect(done).toMatchObject({ status: 'succeeded', toWallet: true });
    expect(await balanceOf(buyer)).toBe(before + 1000);
    await expect(
      transaction(() => resolveRefund(refund._id, 'cancel', world.now())),
    ).rejects.toMatchObject({ code: 'conflict', facts: { current: 'succeeded' } });
    expect(await proof()).toEqual([]);
  });

  test('is asked once more when a person says so', async () => {
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'pm_card_pendingRefund' });
    const refund = await unanswered(order);
    await world.payments('POST', 'webhooks', { mode: 'deliver' });

    await transaction(() => resolveRefund(refund._id, 'retry', world.now()));

    expect(await becomes(refund, 'succeeded')).toBe('succeeded');
  });
});

describe('money for nothing', () => {
  test('goes back for the orders it did not buy, and is not counted for those it did', async () => {
    const bought = await anOrder(world, buyer, shop);
    const cancelled = await anOrder(world, buyer, shop, { status: 'cancelled' });
    const payment = await pay(world, [bought, cancelled]);
    await share(world, bought, payment);
    const all = payment.allocations.map(({ order }) => order);
    const back = () => transaction(() => refundCapture(payment, all, world.now()));

    const refunds = await back();
    const again = await back();
    await world.settle();

    expect(refunds).toMatchObject([{ order: cancelled._id, amountMinor: 2000, from: 'escrow' }]);
    expect(again).toEqual([]);
    expect(await statusOf(refunds[0] as RefundRow)).toBe('succeeded');
    expect(await accountOf(escrowOf(cancelled._id))).toBe(0);
    expect(await paymentById(payment._id)).toMatchObject({
      status: 'partially_refunded',
      refundedMinor: 2000,
    });
    expect(await proof()).toEqual([]);
  });
});

/** E3 of the specification, written a second time and by hand. */
const ALLOWED = new Set([
  'pending>processing',
  'pending>cancelled',
  'processing>succeeded',
  'processing>failed',
  'failed>processing',
  'failed>manual',
  'succeeded>returned',
  // What a person may do.
  'manual>processing',
  'manual>succeeded',
  'manual>cancelled',
]);

describe('the state of a refund', () => {
  test.each(REFUND_STATUSES)('goes from %s exactly where it may', async (from) => {
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'wallet' });
    const refund = await ask(order, some(order, 1));
    await world.settle();
    const reached: string[] = [];

    for (const to of REFUND_STATUSES) {
      await forced(refund, from);
      const moved = await transaction(() => moveRefund(refund._id, to, {}, world.now()));
      if (moved) reached.push(`${from}>${to}`);
    }

    expect(new Set(reached)).toEqual(
      new Set([...ALLOWED].filter((step) => step.startsWith(`${from}>`))),
    );
  });
});
