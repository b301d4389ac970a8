import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { followDispute } from '#domain/orders/disputes.ts';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { refundsOf } from '#domain/orders/refunds.ts';
import { shopAccount } from '#domain/wallet/accounts.ts';
import { minutes } from '#platform/clock.ts';
import { newId, toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { accountOf, aPaidOrder, type OrderFacts } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
let buyer: Person;
let shop: TestShop;
let one: Person;
let two: Person;
beforeAll(async () => {
  world = await startWorld();
  buyer = await world.person('buyer');
  shop = await aShop(world, await world.person('seller'));
  one = await staffMember(world, ['money.refund']);
  two = await staffMember(world, ['money.refund']);
});
afterAll(() => world.stop());

const anOrder = async (facts: OrderFacts = {}): Promise<OrderRow> =>
  (await aPaidOrder(world, buyer, shop, { method: 'wallet', ...facts })).order;
const refund = (staff: Person, order: OrderRow, wish: object, key: string = randomUUID()) =>
  staff.post(`/api/admin/orders/${order._id.toHexString()}/refund`, wish, { key });
const firstLine = ({ lines: [line] }: OrderRow, quantity: number) => ({
  lines: [{ lineId: line?.id.toHexString(), quantity }],
});
const sellers = () => accountOf(shopAccount(toId(shop.id), 'pending'));
const proof = async () => (await audit(world.now(), new Date(Date.now() + minutes(1)))).differences;

describe('adminRefund', () => {
  test('gives back parts and goodwill, and says who did it and why', async () => {
    const order = await anOrder({ shippingMinor: 500 });
    const [cash, promo] = [await balanceOf(buyer), await accountOf('promo')];
    const wish = {
      ...firstLine(order, 1),
      ...{ shippingMinor: 200, goodwillMinor: 70, goodwillBy: 'platform', reason: 'Came late' },
    };

    const { status, body } = await refund(one, order, wish, 'once');
    const again = await refund(one, order, wish, 'once');
    await world.settle();

    expect(status).toBe(200);
    expect(again.body).toEqual(body);
    expect(body).toMatchObject({
      approvalId: null,
      refund: {
        ...{ itemsMinor: 1000, shippingMinor: 200, goodwillMinor: 70, amountMinor: 1270 },
        ...{ reason: 'Came late', initiatedBy: 'staff' },
      },
    });
    expect(await balanceOf(buyer)).toBe(cash + 1270);
    expect(await accountOf('promo')).toBe(promo - 70);
    const [deed] = await raw('adminactions').find({ 'target.id': order._id }).toArray();
    expect(deed).toMatchObject({
      ...{ action: 'refund.requested', reason: 'Came late', actor: toId(one.id) },
      after: { amountMinor: 1270 },
    });
    expect(await proof()).toEqual([]);
  });

  test('gives no more than was paid, and never stops at goodwill given before', async () => {
    const order = await anOrder();
    await refund(one, order, { goodwillMinor: 300, goodwillBy: 'seller', reason: 'Sorry' });

    const tooMuch = await refund(one, order, { goodwillMinor: 1701, reason: 'More' });
    const nothing = await refund(one, order, { reason: 'Nothing' });
    const tooMany = await refund(one, order, { ...firstLine(order, 3), reason: 'Three' });
    const everything = await refund(one, order, { everything: true, reason: 'All of it' });
    await world.settle();

    for (const { status, body } of [tooMuch, nothing, tooMany])
      expect([status, body['code'], body['current']]).toEqual([
        ...[409, 'not_refundable', { leftMinor: 1700 }],
      ]);
    expect(everything.body['refund']).toMatchObject({
      ...{ itemsMinor: 2000, goodwillMinor: -300, amountMinor: 1700 },
    });
    const after = await orderById(order._id);
    expect(after?.shares).toMatchObject({ sellerMinor: 0, promoMinor: 0 });
    expect(await proof()).toEqual([]);
  });

  test('takes two people for a large one, and each of them once', async () => {
    const order = await anOrder({ lines: [{ quantity: 1, unitMinor: 50_001 }] });
    const cash = await balanceOf(buyer);

    const proposed = await refund(one, order, { everything: true, reason: 'Broken' });
    const approvalId = proposed.body['approvalId'];
    expect(proposed.body).toMatchObject({ refund: null, approvalId: expect.any(String) });
    await world.settle();
    expect(await balanceOf(buyer)).toBe(cash);

    const own = await refund(one, order, { approvalId });
    const elsewhere = await refund(two, await anOrder(), { approvalId });
    const unknown = await refund(two, order, { approvalId: newId().toHexString() });
    const done = await Promise.all([
      refund(two, order, { approvalId }),
      refund(two, order, { approvalId }),
    ]);
    await world.settle();

    expect(own.body['code']).toBe('second_person_required');
    expect([elsewhere.status, unknown.status]).toEqual([404, 404]);
    expect(done.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(await balanceOf(buyer)).toBe(cash + 50_001);
    const deeds = await raw('adminactions').find({ 'target.id': order._id }).toArray();
    expect(deeds.map(({ action }) => action)).toEqual(['refund.proposed', 'refund.approved']);
  });

  test('calls off what got stuck, and gives back all it had taken', async () => {
    const { order, payment } = await aPaidOrder(world, buyer, shop);
    await world.payments('POST', 'webhooks', { mode: 'hold' });
    await world.payments('POST', `charges/${payment.providerRef}/dispute`, {});
    const { body } = await refund(one, order, { ...firstLine(order, 2), reason: 'Refused' });
    await world.settle();
    const refundId = String(body['refund']?.['id']);
    await raw('refunds').updateOne({ _id: toId(refundId) }, { $set: { status: 'manual' } });
    const reason = 'The bank pays';

    const elsewhere = await refund(one, await anOrder(), {
      refundId,
      resolution: 'cancel',
      reason,
    });
    const called = await refund(one, order, { refundId, resolution: 'cancel', reason });
    const again = await refund(one, order, { refundId, resolution: 'to_wallet', reason });
    await world.payments('POST', 'webhooks', { mode: 'deliver' });
    await world.settle();

    expect(elsewhere.status).toBe(404);
    expect(called.body['refund']).toMatchObject({ status: 'cancelled', amountMinor: 2000 });
    expect([again.status, again.body['current']]).toEqual([409, 'cancelled']);
    expect(await orderById(order._id)).toMatchObject({
      lines: [{ refundedQuantity: 0 }],
      refunded: { itemsMinor: 0 },
      shares: { sellerMinor: 2000 },
    });
    expect(await raw('payments').findOne({ _id: payment._id })).toMatchObject({
      refundingMinor: 0,
      refundedMinor: 0,
    });
    expect(await proof()).toEqual([]);
  });

  test('writes off what the bank has paid in the meantime: the seller bears it, not we', async () => {
    const [pending, loss] = [await sellers(), await accountOf('loss')];
    const { order, payment } = await aPaidOrder(world, buyer, shop);
    await world.payments('POST', 'webhooks', { mode: 'hold' });
    const wish = { outcome: 'lost' };
    const dispute = await world.payments('POST', `charges/${payment.providerRef}/dispute`, wish);
    const { body } = await refund(one, order, { ...firstLine(order, 1), reason: 'Returned' });
    await world.settle();
    const refundId = String(body['refund']?.['id']);
    await raw('refunds').updateOne({ _id: toId(refundId) }, { $set: { status: 'manual' } });
    await followDispute(String((dispute as { readonly id: string }).id), world.now());
    const halfway = (await accountOf('loss')) - loss;

    await refund(one, order, { refundId, resolution: 'cancel', reason: 'The bank paid' });

    expect(halfway).toBe(-1000);
    expect([(await sellers()) - pending, (await accountOf('loss')) - loss]).toEqual([0, 0]);
    expect(await proof()).toEqual([]);
    await world.payments('POST', 'webhooks', { mode: 'deliver' });
  });

  test('writes off what was to go back for a cancelled order, where the buyer was paid otherwise', async () => {
    const facts = { shippingMinor: 499, lines: [{ feeMinor: 200 }], status: 'on_hold' } as const;
    const { order, payment } = await aPaidOrder(world, buyer, shop, facts);
    const id = order._id.toHexString();
    const before = [await sellers(), await accountOf('fee'), await accountOf('loss')];
    await world.payments('POST', 'webhooks', { mode: 'hold' });
    await world.payments('POST', `charges/${payment.providerRef}/dispute`, {});
    await buyer.post(`/api/orders/${id}/actions`, { action: 'cancel' }, { key: `cancel-${id}` });
    await world.settle();
    const [stuck] = await refundsOf(order._id);
    await raw('refunds').updateOne({ _id: stuck?._id as never }, { $set: { status: 'manual' } });

    const refundId = stuck?._id.toHexString();
    const wish = { refundId, resolution: 'cancel', reason: 'Paid by bank transfer' };
    const { body } = await refund(one, order, wish);
    const more = await refund(one, order, { ...firstLine(order, 1), reason: 'Again' });
    await world.settle();

    expect(body['refund']).toMatchObject({ status: 'cancelled', amountMinor: 2499 });
    expect([more.status, more.body['code']]).toEqual([409, 'not_refundable']);
    const after = [await sellers(), await accountOf('fee'), await accountOf('loss')];
    expect(after.map((minor, index) => minor - (before[index] ?? 0))).toEqual([-2299, -200, 2499]);
    expect(await orderById(order._id)).toMatchObject({ shares: { sellerMinor: 0, feeMinor: 0 } });
    expect(await proof()).toEqual([]);
    await world.payments('POST', 'webhooks', { mode: 'deliver' });
  });
});
