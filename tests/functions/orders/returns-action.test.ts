import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { RETURN_STATUSES, type ReturnStatus } from '#domain/orders/return.model.ts';
import { moveReturn, returnById } from '#domain/orders/return-state.ts';
import { settleOrder } from '#domain/orders/settlement.ts';
import { earnerAccount, shopAccount } from '#domain/wallet/accounts.ts';
import { days, hours, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { accountOf, aPaidOrder, type OrderFacts } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aPhoto, aReturn, aTracking, pass } from '../../support/returns.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf } from '../wallet/money.ts';

let world: World;
let buyer: Person;
let seller: Person;
let staff: Person;
let creator: Person;
let shop: TestShop;
beforeAll(async () => {
  world = await startWorld();
  buyer = await world.person('buyer');
  seller = await world.person('seller');
  creator = await world.person('creator');
  shop = await aShop(world, seller);
  staff = await staffMember(world, ['money.refund']);
});
afterAll(() => world.stop());

const anOrder = async (facts: OrderFacts = {}): Promise<OrderRow> =>
  (await aPaidOrder(world, buyer, shop, { method: 'wallet', ...facts })).order;
const statusOf = async (id: string) => (await returnById(toId<'return'>(id)))?.status;
const stockOf = async ({ lines: [line] }: OrderRow) =>
  (await raw('productvariants').findOne({ _id: line?.variant ?? toId('0'.repeat(24)) }))?.[
    'available'
  ];
const proof = async () => (await audit(world.now(), new Date(Date.now() + minutes(1)))).differences;

/** A return that was approved and sent back, and of which nobody has said anything since. */
async function sentBack(order: OrderRow, wish = {}): Promise<string> {
  const id = await aReturn(buyer, order, wish);
  await act(seller, id, 'approve');
  expect((await act(buyer, id, 'ship', aTracking())).body['return']).toMatchObject({
    status: 'awaiting_parcel',
  });
  return id;
}

describe('returnsAction', () => {
  test('leads goods back into stock and money back to the buyer', async () => {
    const order = await anOrder();
    const [cash, stock] = [await balanceOf(buyer), await stockOf(order)];
    const id = await sentBack(order);

    const received = await act(seller, id, 'received', { condition: 'resellable' });
    const done = await act(seller, id, 'approve', { note: 'As new' });
    await world.settle();

    expect(received.body['return']).toMatchObject({
      status: 'received',
      condition: 'resellable',
      deadline: { kind: 'settle' },
    });
    expect(done.body['return']).toMatchObject({
      status: 'resolved',
      deadline: null,
      resolution: { outcome: 'full', by: 'seller', amountMinor: 1000, shippingBy: 'buyer' },
    });
    expect(await balanceOf(buyer)).toBe(cash + 1000);
    expect(await stockOf(order)).toBe(stock + 1);
    const { body } = await buyer.get(`/api/orders/${order._id.toHexString()}`);
    expect(body['order']).toMatchObject({ returnStatus: 'closed', refundedMinor: 1000 });
    expect(body['refunds']).toMatchObject([{ returnId: id, status: 'succeeded' }]);
    const seen = await world.realtime(`user:${buyer.id}`);
    expect(seen.filter(({ name }) => name === 'return:update').at(-1)?.data).toEqual({
      returnId: id,
      orderId: order._id.toHexString(),
      status: 'resolved',
    });
    expect(await proof()).toEqual([]);
  });

  test('refunds at once what does not have to come back, with shipping if nothing is left', async () => {
    const order = await anOrder({ shippingMinor: 400, shippingTaxMinor: 76 });
    const cash = await balanceOf(buyer);
    const id = await aReturn(buyer, order, {
      type: 'missing_item',
      reason: 'not_in_parcel',
      lines: [{ lineId: order.lines[0]?.id.toHexString(), quantity: 2 }],
      evidence: [await aPhoto(buyer)],
    });

    const { body } = await act(seller, id, 'approve');
    await world.settle();

    expect(body['return']).toMatchObject({
      status: 'resolved',
      resolution: { outcome: 'full', amountMinor: 2476, shippingBy: 'seller' },
    });
    expect(await balanceOf(buyer)).toBe(cash + 2476);
  });

  test('pays what was offered when the buyer accepts, and the goods stay where they are', async () => {
    const order = await anOrder();
    const cash = await balanceOf(buyer);
    const id = await aReturn(buyer, order);
    expect((await act(buyer, id, 'accept')).status).toBe(409);

    const offered = await act(seller, id, 'offer', { amountMinor: 350, note: 'Keep it' });
    const accepted = await act(buyer, id, 'accept');
    await world.settle();

    expect(offered.body['return']).toMatchObject({ status: 'requested', offerMinor: 350 });
    expect(accepted.body['return']).toMatchObject({
      status: 'resolved',
      resolution: { outcome: 'partial', by: 'buyer', amountMinor: 350 },
    });
    expect(await balanceOf(buyer)).toBe(cash + 350);
    expect((await act(seller, id, 'offer', { amountMinor: 1 })).status).toBe(409);
  });

  test('is withdrawn by the buyer, and the order goes on', async () => {
    const order = await anOrder();
    const id = await aReturn(buyer, order);

    expect((await act(buyer, id, 'withdraw')).body['return']).toMatchObject({
      status: 'withdrawn',
    });

    expect((await orderById(order._id))?.returnStatus).toBe('closed');
    expect((await act(buyer, id, 'withdraw')).body['current']).toBe('withdrawn');
    expect(await statusOf(await aReturn(buyer, order))).toBe('requested');
  });

  test('lets both sides show what they have before staff rules', async () => {
    const order = await anOrder({ shippingMinor: 500 });
    const cash = await balanceOf(buyer);
    const id = await aReturn(buyer, order);
    await act(seller, id, 'reject', { note: 'Worn' });

    const escalated = await act(buyer, id, 'escalate', { note: 'Never worn' });
    const shown = await act(seller, id, 'evidence', {
      note: 'See',
      evidence: [await aPhoto(seller)],
    });
    const forbidden = await act(seller, id, 'rule', {
      ...{ outcome: 'none', shippingBy: 'buyer', note: 'Mine' },
    });
    const ruled = await act(staff, id, 'rule', {
      ...{ outcome: 'partial', amountMinor: 600, shippingBy: 'platform', note: 'Half and half' },
    });
    await world.settle();

    expect(escalated.body['return']).toMatchObject({ status: 'escalated', deadline: null });
    expect(shown.body['return']?.['statements']).toMatchObject([
      { by: 'buyer' },
      { by: 'buyer', note: 'Never worn' },
      { by: 'seller', note: 'See' },
    ]);
    expect([forbidden.status, forbidden.body['field']]).toEqual([403, 'rule']);
    expect(ruled.body['return']).toMatchObject({
      status: 'resolved',
      resolution: { outcome: 'partial', by: 'staff', amountMinor: 1100, shippingBy: 'platform' },
    });
    expect(await balanceOf(buyer)).toBe(cash + 1100);
    const [deed] = await raw('adminactions')
      .find({ 'target.id': toId(id) })
      .toArray();
    expect(deed).toMatchObject({ action: 'return.ruled', reason: 'Half and half' });
    expect(await proof()).toEqual([]);
  });

  test('takes no more evidence when the time for it is over', async () => {
    const id = await aReturn(buyer, await anOrder());
    await act(buyer, id, 'escalate', { note: 'Please' });
    await pass(world, hours(73), buyer, seller, staff);

    expect((await act(seller, id, 'evidence', { note: 'Late' })).status).toBe(409);
    const ruled = await act(staff, id, 'rule', {
      ...{ outcome: 'full', shippingBy: 'seller', note: 'Silence' },
    });
    expect(ruled.body['return']).toMatchObject({ resolution: { amountMinor: 1000 } });
  });

  test('can end with nothing', async () => {
    const order = await anOrder();
    const id = await aReturn(buyer, order);
    await act(seller, id, 'reject', { note: 'No' });
    await act(buyer, id, 'escalate');

    const ruled = await act(staff, id, 'rule', {
      ...{ outcome: 'none', shippingBy: 'buyer', note: 'The seller is right' },
    });

    expect(ruled.body['return']).toMatchObject({
      status: 'resolved',
      resolution: { outcome: 'none', amountMinor: 0 },
    });
    expect((await orderById(order._id))?.refunded.itemsMinor).toBe(0);
  });

  test('is nobody else’s business', async () => {
    const id = await aReturn(buyer, await anOrder());
    const stranger = await world.person('stranger');
    const reader = await staffMember(world, ['orders.read']);

    expect((await act(stranger, id, 'withdraw')).status).toBe(404);
    expect((await act(reader, id, 'approve')).status).toBe(404);
    expect((await act(buyer, id, 'approve')).status).toBe(403);
    expect((await act(seller, id, 'ship', aTracking())).status).toBe(403);
    expect((await act(buyer, id, 'ship', aTracking())).status).toBe(409);
  });

  test('leaves to completion and to the creator what a partial return with shipping and goodwill left', async () => {
    const order = await anOrder({
      lines: [
        {
          ...{ quantity: 3, unitMinor: 999, sellerDiscountMinor: 97, platformDiscountMinor: 100 },
          ...{ taxMinor: 532, feeMinor: 145, affiliate: { creator, minor: 290 } },
        },
      ],
      ...{ shippingMinor: 700, sellerShippingDiscountMinor: 100, shippingTaxMinor: 114 },
    });
    const sellers = (share: 'pending' | 'available') => shopAccount(toId(shop.id), share);
    const aff = earnerAccount(toId(creator.id), 'available');
    const [cash, available] = [await balanceOf(buyer), await accountOf(sellers('available'))];
    const id = await sentBack(order);
    await act(seller, id, 'received', { condition: 'used' });
    await act(seller, id, 'escalate', { note: 'Used' });

    await act(staff, id, 'rule', {
      ...{ outcome: 'full', shippingBy: 'seller', note: 'Used or not, it was wrong' },
    });
    const given = await staff.post(
      `/api/admin/orders/${order._id.toHexString()}/refund`,
      { goodwillMinor: 50, goodwillBy: 'platform', reason: 'For the trouble' },
      { key: `goodwill-${id}` },
    );
    await world.settle();

    expect(given.status).toBe(200);
    const after = (await orderById(order._id)) as OrderRow;
    const { itemsMinor, shippingMinor, taxMinor, goodwillMinor } = after.refunded;
    expect([itemsMinor, shippingMinor, goodwillMinor]).toEqual([933, 600, 50]);
    expect(await balanceOf(buyer)).toBe(cash + 933 + 600 + taxMinor + 50);
    expect(after.shares?.affiliates[0]?.minor).toBe(194);
    await buyer.post(
      `/api/orders/${order._id.toHexString()}/actions`,
      { action: 'confirm_receipt' },
      { key: `got-${id}` },
    );
    await world.settle();
    await pass(world, days(4), buyer);
    await settleOrder(order._id, world.now());

    expect(await accountOf(aff)).toBe(194);
    expect((await accountOf(sellers('available'))) - available).toBe(after.shares?.sellerMinor);
    const [commission] = await raw('commissions').find({ order: order._id }).toArray();
    expect(commission).toMatchObject({ amountMinor: 194, status: 'payable' });
    expect(await proof()).toEqual([]);
  });
});

/** E3 of the specification, written a second time and by hand. */
const ALLOWED = new Set([
  'requested>approved',
  'requested>rejected',
  'requested>escalated',
  'requested>withdrawn',
  'rejected>escalated',
  'received>escalated',
  'approved>awaiting_parcel',
  'approved>resolved',
  'approved>withdrawn',
  'approved>expired',
  'awaiting_parcel>in_transit',
  'in_transit>received',
  'received>resolved',
  'escalated>resolved',
]);

describe('the state of a return', () => {
  test.each(RETURN_STATUSES)('goes from %s exactly where it may', async (from) => {
    const id = toId<'return'>(await aReturn(buyer, await anOrder()));
    const reached: string[] = [];
    const goes = async (to: ReturnStatus): Promise<boolean> => {
      await raw('returnrequests').updateOne({ _id: id }, { $set: { status: from, open: true } });
      const row = await returnById(id);
      return row
        ? transaction(() => moveReturn(row, to, {}, world.now())).then(
            () => true,
            () => false,
          )
        : false;
    };

    for (const to of RETURN_STATUSES) reached.push(...((await goes(to)) ? [`${from}>${to}`] : []));

    expect(new Set(reached)).toEqual(
      new Set([...ALLOWED].filter((step) => step.startsWith(`${from}>`))),
    );
  });
});
