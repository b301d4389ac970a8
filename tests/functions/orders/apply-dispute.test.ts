import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { followDispute, moveDispute, NEXT_DISPUTE } from '#domain/orders/disputes.ts';
import { orderById } from '#domain/orders/order-state.ts';
import { type PaymentRow, paymentById } from '#domain/orders/payments.ts';
import { requestRefund } from '#domain/orders/refunds.ts';
import { settleOrder } from '#domain/orders/settlement.ts';
import { shopAccount } from '#domain/wallet/accounts.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { eventually } from '../../support/eventually.ts';
import { accountOf, anOrder, aPaidOrder, pay, share } from '../../support/paid-orders.ts';
import { deliverAll, webhooks } from '../../support/payments.ts';
import type { Person } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let buyer: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  buyer = await world.person('buyer');
  shop = await aShop(world, await world.person('seller'));
});
afterAll(() => world.stop());

const sellers = (part: 'pending' | 'available', of = shop) =>
  accountOf(shopAccount(toId(of.id), part));
const proof = async () => (await audit(world.now(), new Date(Date.now() + minutes(1)))).differences;
const disputeOf = async ({ _id }: PaymentRow) => (await paymentById(_id))?.dispute;
const becomes = async (payment: PaymentRow, state: string) => {
  await eventually(
    () => disputeOf(payment),
    (now) => now === state,
  );
  await world.settle();
  return disputeOf(payment);
};
const disputed = async (payment: PaymentRow, wish: object = {}): Promise<string> => {
  const made = await world.payments('POST', `charges/${payment.providerRef}/dispute`, wish);
  return String((made as { readonly id: string }).id);
};
const closed = (id: string, outcome: 'won' | 'lost') =>
  world.payments('POST', `disputes/${id}/close`, { outcome });
/** As a completed order whose money has waited long enough. */
const settled = async (order: Id<'order'>) => {
  await raw('orders').updateOne({ _id: order }, { $set: { settlement: { dueAt: world.now() } } });
  await settleOrder(order, world.now());
};

describe('applyDispute', () => {
  test('keeps an order from being settled and refunded until the bank has decided', async () => {
    const { order, payment } = await aPaidOrder(world, buyer, shop);
    const before = await sellers('available');
    const id = await disputed(payment);
    expect(await becomes(payment, 'open')).toBe('open');

    await settled(order._id);
    const parts = { shippingMinor: 0, goodwillMinor: 1, goodwillBy: 'seller', lines: [] } as const;
    const asked = transaction(() =>
      requestRefund(
        { order, parts, reason: 'test', initiatedBy: 'staff', restock: false },
        world.now(),
      ),
    );

    await expect(asked).rejects.toMatchObject({
      code: 'not_refundable',
      facts: { current: { leftMinor: 0 } },
    });
    expect(await sellers('available')).toBe(before);
    expect((await orderById(order._id))?.disputed).toBe(true);
    const inbox = await shop.owner.get('/api/notifications');
    expect(inbox.body['notifications']?.[0]).toMatchObject({ type: 'order_updated' });

    await closed(id, 'won');
    expect(await becomes(payment, 'won')).toBe('won');
    await settleOrder(order._id, world.now());

    expect(await sellers('available')).toBe(before + 2000);
    expect(await paymentById(payment._id)).toMatchObject({ disputedMinor: 0 });
    expect(await proof()).toEqual([]);
  });

  test('takes what is lost from those who had it, once, whatever order news come in', async () => {
    const lines = [{ quantity: 2, unitMinor: 1000, feeMinor: 100, taxMinor: 380 }];
    const other = await aShop(world, await world.person('other'));
    const [first, second] = [
      await anOrder(world, buyer, shop, { lines }),
      await anOrder(world, buyer, other, { lines: [{ quantity: 1, unitMinor: 500 }] }),
    ];
    const payment = await pay(world, [first, second]);
    await share(world, first, payment);
    await share(world, second, payment);
    await settled(second._id);
    const before = [await sellers('pending'), await accountOf('psp'), await accountOf('loss')];
    await webhooks(world, 'hold');
    const id = await disputed(payment, { outcome: 'lost' });

    await followDispute(id, world.now());
    await followDispute(id, world.now());
    await webhooks(world, 'twice');
    await deliverAll(world);
    await webhooks(world, 'deliver');

    expect(await disputeOf(payment)).toBe('lost');
    const after = [await sellers('pending'), await accountOf('psp'), await accountOf('loss')];
    expect(after.map((minor, index) => minor - (before[index] ?? 0))).toEqual([-1900, 2880, -480]);
    expect(await sellers('available', other)).toBe(0);
    expect((await orderById(first._id))?.shares?.sellerMinor).toBe(0);
    expect((await orderById(first._id))?.disputed).toBe(false);
    expect(await proof()).toEqual([]);
  });

  test('takes a part from each in proportion', async () => {
    const { order, payment } = await aPaidOrder(world, buyer, shop, {
      lines: [{ quantity: 1, unitMinor: 1000, feeMinor: 333 }],
    });
    const loss = await accountOf('loss');
    const id = await disputed(payment, { amount: 100 });
    await becomes(payment, 'open');
    await closed(id, 'lost');

    expect(await becomes(payment, 'lost')).toBe('lost');

    expect((await orderById(order._id))?.shares?.sellerMinor).toBe(667 - 66);
    expect((await accountOf('loss')) - loss).toBe(-34);
    expect(await proof()).toEqual([]);
  });

  test('goes from each state exactly where it may', async () => {
    const states = ['none', 'open', 'won', 'lost'] as const;
    const reached: string[] = [];
    for (const from of states)
      for (const to of states) {
        const { payment } = await aPaidOrder(world, buyer, shop);
        await raw('payments').updateOne({ _id: payment._id }, { $set: { dispute: from } });
        const row = (await paymentById(payment._id)) as PaymentRow;
        if (await transaction(() => moveDispute(row, to, 100, world.now())))
          reached.push(`${from}>${to}`);
      }

    expect(reached).toEqual(['none>open', 'open>won', 'open>lost']);
    expect(Object.keys(NEXT_DISPUTE)).toEqual(states);
  });
});
