/** Orders whose buyer has their bank take the money back: they come to an end like any other. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Orders } from '#domain/orders/order.model.ts';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { type PaymentRow, paymentById } from '#domain/orders/payments.ts';
import { refundsOf } from '#domain/orders/refunds.ts';
import { returnById } from '#domain/orders/return-state.ts';
import { earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import { after, days, hours } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import { accountOf, aPaidOrder, type OrderFacts } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aReturn, pass } from '../../support/returns.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { expectProof } from './books.ts';

let world: World;
let buyer: Person;
let seller: Person;
let creator: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  [buyer, seller] = [await world.person('buyer'), await world.person('seller')];
  creator = await world.person('creator');
  shop = await aShop(world, seller);
});
beforeEach(() => pass(world, 0, buyer, seller));
afterAll(() => world.stop());

type Outcome = 'won' | 'lost';
interface Paid {
  readonly order: OrderRow;
  readonly payment: PaymentRow;
}

/** The bank takes the money, some of it where an amount is said; returns the dispute's id. */
async function disputed({ payment }: Paid, amount?: number): Promise<string> {
  const wish = amount === undefined ? {} : { amount };
  const made = await world.payments('POST', `charges/${payment.providerRef}/dispute`, wish);
  await becomes(payment, 'open');
  return String((made as { readonly id: string }).id);
}
async function decided({ payment }: Paid, dispute: string, outcome: Outcome): Promise<void> {
  await world.payments('POST', `disputes/${dispute}/close`, { outcome });
  await becomes(payment, outcome);
}
async function becomes({ _id }: PaymentRow, state: string): Promise<void> {
  await eventually(
    async () => (await paymentById(_id))?.dispute,
    (now) => now === state,
  );
  await world.settle();
}
async function lost(paid: Paid, amount?: number): Promise<void> {
  await decided(paid, await disputed(paid, amount), 'lost');
}

const ofCard = (facts: OrderFacts = {}): Promise<Paid> => aPaidOrder(world, buyer, shop, facts);
/** One that is to be sent; the seller is given an hour. */
async function toSend(kind: 'late' | 'consent', facts: OrderFacts = {}): Promise<Paid> {
  const paid = await ofCard({ status: 'awaiting_shipment', ...facts });
  const deadline = { kind, at: after(world.now(), hours(1)) };
  await Orders.updateOne({ _id: paid.order._id }, { $set: { deadline } });
  return paid;
}
const rowOf = async ({ order }: Paid) => (await orderById(order._id)) as OrderRow;
const sellers = () => accountOf(shopAccount(toId(shop.id), 'pending'));
const cancel = ({ order }: Paid) =>
  buyer.post(
    `/api/orders/${order._id.toHexString()}/actions`,
    { action: 'cancel' },
    { key: `cancel-${order._id.toHexString()}` },
  );
const availableOf = async ({ order }: Paid) =>
  (await raw('productvariants').findOne({ _id: order.lines[0]?.variant as never }))?.['available'];

describe('an order whose dispute is lost', () => {
  const shared = (): OrderFacts => ({
    shippingMinor: 499,
    lines: [{ unitMinor: 1000, feeMinor: 200, taxMinor: 100, affiliate: { creator, minor: 50 } }],
  });

  test('is cancelled by its buyer, who has their money already: whoever earned of it gives it up', async () => {
    const before = [await sellers(), await accountOf('psp'), await accountOf('fee')];
    const paid = await ofCard({ status: 'on_hold', ...shared() });
    await lost(paid);
    const stock = await availableOf(paid);

    const { status, body } = await cancel(paid);
    await world.settle();

    expect([status, body['order']?.['status']]).toEqual([200, 'cancelled']);
    expect(await refundsOf(paid.order._id)).toMatchObject([
      { amountMinor: 0, status: 'succeeded' },
    ]);
    expect(await rowOf(paid)).toMatchObject({
      shares: { sellerMinor: 0, feeMinor: 0, taxMinor: 0, affiliates: [{ minor: 0 }] },
    });
    expect([await sellers(), await accountOf('psp'), await accountOf('fee')]).toEqual(before);
    expect(await accountOf(earnerAccount(toId(creator.id), 'pending'))).toBe(0);
    expect(await availableOf(paid)).toBe(Number(stock) + 2);
    expect(await paymentById(paid.payment._id)).toMatchObject({
      status: 'captured',
      refundedMinor: 0,
    });
    await expectProof(world);
  });

  test.each(['late', 'consent'] as const)('ends by its deadline: %s', async (kind) => {
    const paid = await toSend(kind, shared());
    await Orders.updateOne(
      { _id: paid.order._id },
      { $set: { cancellation: { by: 'buyer', reason: 'x', requestedAt: world.now() } } },
    );
    await lost(paid);

    await pass(world, hours(1), buyer, seller);
    await world.runJob('orderDeadlines');
    await world.settle();

    expect(await rowOf(paid)).toMatchObject({ status: 'cancelled' });
    expect(await refundsOf(paid.order._id)).toMatchObject([
      { amountMinor: 0, status: 'succeeded' },
    ]);
    await expectProof(world);
  });

  test('gives back what the bank has left of it', async () => {
    const paid = await ofCard({ status: 'on_hold', ...shared() });
    await lost(paid, 700);

    await cancel(paid);
    await world.settle();

    const [refund] = await refundsOf(paid.order._id);
    expect(refund?.amountMinor).toBe(paid.order.totalMinor - 700);
    expect(await rowOf(paid)).toMatchObject({ shares: { sellerMinor: 0, feeMinor: 0 } });
    await expectProof(world);
  });

  test('lets a return of it be settled, by nobody and by the seller', async () => {
    const [silent, spoken] = [await ofCard(shared()), await ofCard(shared())];
    const returns = [
      await aReturn(buyer, silent.order, {}),
      await aReturn(buyer, spoken.order, {}),
    ];
    for (const id of returns) {
      await act(seller, id, 'approve');
      await act(buyer, id, 'ship', { carrier: 'ups', trackingNo: `BACK${id.slice(-8)}` });
      await act(seller, id, 'received', { condition: 'resellable' });
    }
    await lost(silent);
    await lost(spoken);

    const said = await act(seller, returns[1] ?? '', 'approve');
    await pass(world, hours(49), buyer, seller);
    await world.runJob('returnDeadlines');
    await world.settle();

    expect(said.status).toBe(200);
    for (const id of returns)
      expect(await returnById(toId(id))).toMatchObject({
        status: 'resolved',
        resolution: { outcome: 'full', amountMinor: 0 },
      });
    expect(await rowOf(silent)).toMatchObject({ returnStatus: 'closed' });
    await expectProof(world);
  });
});

describe('an order whose dispute is open', () => {
  test('waits with what would give money back until the bank has decided', async () => {
    const [paid, won] = [await toSend('late'), await toSend('late')];
    const dispute = await disputed(paid);
    const other = await disputed(won);

    await pass(world, hours(1), buyer, seller);
    await world.runJob('orderDeadlines');
    const waiting = await rowOf(paid);
    await decided(paid, dispute, 'lost');
    await decided(won, other, 'won');
    await pass(world, days(1), buyer, seller);
    await world.runJob('orderDeadlines');
    await world.settle();

    expect(waiting).toMatchObject({ status: 'awaiting_shipment', deadline: { kind: 'late' } });
    expect(await rowOf(paid)).toMatchObject({ status: 'cancelled' });
    expect(await rowOf(won)).toMatchObject({ status: 'cancelled' });
    expect(await refundsOf(won.order._id)).toMatchObject([
      { amountMinor: won.order.totalMinor, status: 'succeeded' },
    ]);
    await expectProof(world);
  });

  test('keeps a return of it open as long', async () => {
    const paid = await ofCard();
    const id = await aReturn(buyer, paid.order);
    await act(seller, id, 'approve');
    await act(buyer, id, 'ship', { carrier: 'ups', trackingNo: `BACK${id.slice(-8)}` });
    await act(seller, id, 'received', { condition: 'used' });
    const dispute = await disputed(paid);

    await pass(world, hours(49), buyer, seller);
    await world.runJob('returnDeadlines');
    const waiting = await returnById(toId(id));
    const refused = await act(seller, id, 'approve');
    await decided(paid, dispute, 'won');
    await pass(world, days(1), buyer, seller);
    await world.runJob('returnDeadlines');
    await world.settle();

    expect(waiting).toMatchObject({ status: 'received', deadline: { kind: 'settle' } });
    expect([refused.status, refused.body['code']]).toEqual([409, 'not_refundable']);
    expect(await returnById(toId(id))).toMatchObject({
      status: 'resolved',
      resolution: { amountMinor: 1000 },
    });
    await expectProof(world);
  });
});
