import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { days } from '#platform/clock.ts';
import { newId } from '#platform/id.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aPhoto, aReturn, askReturn, pass } from '../../support/returns.ts';
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

const anOrder = async (facts = {}): Promise<OrderRow> =>
  (await aPaidOrder(world, buyer, shop, { method: 'wallet', ...facts })).order;
const codeOf = async (asked: ReturnType<typeof askReturn>) => (await asked).body['code'];

describe('returnsCreate', () => {
  test('waits for the seller, who is told, and keeps the order from being completed', async () => {
    const order = await anOrder();

    const { status, body } = await askReturn(buyer, order, { note: 'It is too big for the shelf' });
    await world.settle();

    expect(status).toBe(201);
    expect(body['return']).toMatchObject({
      orderId: order._id.toHexString(),
      status: 'requested',
      deadline: { kind: 'answer' },
      statements: [{ by: 'buyer', note: 'It is too big for the shelf', evidence: [] }],
    });
    const { body: shown } = await shop.owner.get(`/api/orders/${order._id.toHexString()}`);
    expect(shown['order']).toMatchObject({ returnStatus: 'open', status: 'delivered' });
    expect(shown['returns']).toMatchObject([{ id: body['return']?.['id'] }]);
    const inbox = await shop.owner.get('/api/notifications');
    expect(inbox.body['notifications']?.[0]).toMatchObject({ type: 'return_requested' });
    const seen = await world.realtime(`shop:${shop.id}`);
    expect(seen.find(({ name }) => name === 'return:new')?.data).toEqual({
      returnId: body['return']?.['id'],
      orderId: order._id.toHexString(),
      status: 'requested',
    });
    const receipt = await buyer.post(
      `/api/orders/${order._id.toHexString()}/actions`,
      { action: 'confirm_receipt' },
      { key: 'early' },
    );
    expect(receipt.body['code']).toBe('return_open');
  });

  test('is one at a time, however many ask at once', async () => {
    const order = await anOrder();

    const asked = await Promise.all(Array.from({ length: 5 }, () => askReturn(buyer, order)));

    expect(asked.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  });

  test('needs to be shown where one look tells more', async () => {
    const order = await anOrder();
    const foreign = await aPhoto(shop.owner);

    expect(await codeOf(askReturn(buyer, order, { reason: 'damaged' }))).toBe('evidence_required');
    expect(await codeOf(askReturn(buyer, order, { type: 'refund_only' }))).toBe(
      'evidence_required',
    );
    expect(await codeOf(askReturn(buyer, order, { reason: 'damaged', evidence: [foreign] }))).toBe(
      'not_found',
    );
    const photo = await aPhoto(buyer);
    const { status, body } = await askReturn(buyer, order, {
      reason: 'damaged',
      evidence: [photo],
    });

    expect(status).toBe(201);
    expect(body['return']?.['statements']?.[0]?.['evidence']).toHaveLength(1);
  });

  test('is for what was delivered and is left, once for each piece', async () => {
    const order = await anOrder();
    const lineId = order.lines[0]?.id.toHexString();
    const lines = (quantity: number, id = lineId) => ({ lines: [{ lineId: id, quantity }] });
    const sent = await anOrder({ status: 'shipped' });

    expect(await codeOf(askReturn(buyer, sent))).toBe('conflict');
    expect(await codeOf(askReturn(buyer, order, lines(3)))).toBe('not_returnable');
    expect(await codeOf(askReturn(buyer, order, lines(1, newId().toHexString())))).toBe(
      'not_returnable',
    );
    const twice = { lines: [...lines(1).lines, ...lines(1).lines] };
    expect(await codeOf(askReturn(buyer, order, twice))).toBe('validation_failed');
    const id = await aReturn(buyer, order, lines(2));
    await act(shop.owner, id, 'offer', { amountMinor: 300 });
    expect((await act(buyer, id, 'accept')).body['return']).toMatchObject({ status: 'resolved' });

    expect(await codeOf(askReturn(buyer, order))).toBe('not_returnable');
  });

  test('is too late when the window has closed', async () => {
    const order = await anOrder();
    await pass(world, days(14), buyer);

    expect(await codeOf(askReturn(buyer, order))).toBe('return_window_over');
  });

  test('of a small amount is approved at once', async () => {
    await changeSetting('returns.autoApproveUpToMinor', 1000);
    const order = await anOrder();

    const small = await askReturn(buyer, order);
    const other = await anOrder({ lines: [{ quantity: 1, unitMinor: 1001 }] });
    const large = await askReturn(buyer, other);
    await changeSetting('returns.autoApproveUpToMinor', 0);

    expect(small.body['return']).toMatchObject({ status: 'approved', deadline: { kind: 'ship' } });
    expect(large.body['return']).toMatchObject({ status: 'requested' });
    expect((await orderById(order._id))?.returnStatus).toBe('open');
  });
});
