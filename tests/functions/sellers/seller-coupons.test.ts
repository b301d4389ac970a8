import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Coupons } from '#domain/cart/coupon.model.ts';
import { Shops } from '#domain/sellers/shop.model.ts';
import { hours } from '#platform/clock.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { aCoupon } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

async function aSeller(): Promise<Person> {
  const seller = await world.person('seller');
  await aShop(world, seller);
  return seller;
}
const save = (seller: Person, code: string, body: unknown) =>
  seller.put(`/api/seller/coupons/${code}`, body, { key: randomUUID() });

describe('sellerCouponSave', () => {
  test('makes a coupon that the shop pays for', async () => {
    const seller = await aSeller();
    const scope = { type: 'products', ids: ['a'.repeat(24)] };

    const { status, body } = await save(seller, 'summer-26', {
      ...{ kind: 'percent', value: 1500, capMinor: 2000, minSpendMinor: 5000, scope, perUser: 2 },
      ...{ startsAt: '2030-06-01T00:00:00Z', endsAt: '2030-09-01T02:00:00+02:00' },
      budget: { limitMinor: 100_000, uses: 500 },
    });

    expect(status).toBe(200);
    expect(body['coupon']).toMatchObject({
      ...{ code: 'SUMMER-26', funding: 'seller', kind: 'percent', value: 1500, perUser: 2 },
      ...{ capMinor: 2000, minSpendMinor: 5000, scope, status: 'active' },
      ...{ startsAt: '2030-06-01T00:00:00.000Z', endsAt: '2030-09-01T00:00:00.000Z' },
      ...{ budget: { limitMinor: 100_000, uses: 500 }, used: { minor: 0, uses: 0 } },
    });
    const id = String(body['coupon']?.['id']);
    expect(await OutboxEvents.find({ key: id }).lean()).toMatchObject([{ type: 'coupon.updated' }]);
  });

  test('changes only what is said, takes limits away with null, and stops', async () => {
    const seller = await aSeller();
    await save(seller, 'SALE', {
      ...{ kind: 'amount', value: 500, capMinor: 400, budget: { uses: 10, limitMinor: 9000 } },
      endsAt: new Date(world.now().getTime() + hours(1)).toISOString(),
    });

    const changed = await save(seller, 'sale', {
      ...{ value: 300, capMinor: null, endsAt: null, budget: { uses: null } },
    });
    const stopped = await save(seller, 'SALE', { status: 'stopped' });

    expect(changed.body['coupon']).toMatchObject({
      ...{ kind: 'amount', value: 300, capMinor: null, endsAt: null },
      ...{ budget: { limitMinor: 9000, uses: null }, used: { minor: 0, uses: 0 } },
    });
    expect(stopped.body['coupon']).toMatchObject({ value: 300, status: 'stopped' });
  });

  test('moves the budget by what is changed, and not below what is spent', async () => {
    const seller = await aSeller();
    const id = await aCoupon(seller, 'SPENT', { budget: { uses: 10 } });
    await Coupons.updateOne({ _id: id }, { $inc: { usesLeft: -4, minorLeft: -400 } });

    const more = await save(seller, 'SPENT', { budget: { uses: 20 } });
    const least = await save(seller, 'SPENT', { budget: { uses: 4, limitMinor: 400 } });
    const less = await save(seller, 'SPENT', { budget: { uses: 3 } });

    const used = { minor: 400, uses: 4 };
    expect(more.body['coupon']).toMatchObject({ budget: { uses: 20 }, used });
    expect(least.body['coupon']).toMatchObject({ budget: { limitMinor: 400, uses: 4 }, used });
    expect(less).toMatchObject({ status: 409, body: { code: 'conflict', current: used } });
    expect(await Coupons.findById(id).lean()).toMatchObject({ usesLeft: 0, minorLeft: 0 });
  });

  test('refuses what makes no sense', async () => {
    const seller = await aSeller();
    const terms = { kind: 'percent', value: 1000 };
    const status = async (body: unknown, code = 'ODD') => (await save(seller, code, body)).status;

    expect(await status({ value: 1000 })).toBe(400);
    expect(await status({ ...terms, value: 10_001 })).toBe(400);
    expect(await status({ ...terms, scope: { type: 'products' } })).toBe(400);
    expect(await status({ ...terms, scope: { type: 'all', ids: ['a'.repeat(24)] } })).toBe(400);
    expect(await status({ ...terms, endsAt: '2020-01-01T00:00:00Z' })).toBe(400);
    expect(await status(terms, 'a')).toBe(400);
    expect(await status(terms, 'tr%C3%A8s')).toBe(400);
  });

  test('needs a shop that may sell', async () => {
    const seller = await aSeller();
    await Shops.updateOne({ owner: seller.id }, { $set: { status: 'suspended' } });

    const answer = await save(seller, 'LATE', { kind: 'amount', value: 1 });

    expect(answer).toMatchObject({ status: 409, body: { code: 'no_active_shop' } });
  });
});

describe('sellerCoupons', () => {
  test('lists the shop’s own, newest first', async () => {
    const [seller, other] = [await aSeller(), await aSeller()];
    for (const code of ['ONE', 'TWO', 'THREE']) await aCoupon(seller, code);
    await aCoupon(other, 'FOUR');

    const first = await seller.get('/api/seller/coupons?limit=2');
    const rest = await seller.get(
      `/api/seller/coupons?limit=2&cursor=${String(first.body['nextCursor'])}`,
    );

    expect(first.body).toMatchObject({
      coupons: [{ code: 'THREE' }, { code: 'TWO' }],
      pagination: { total: 3 },
    });
    expect(rest.body).toMatchObject({ coupons: [{ code: 'ONE' }], nextCursor: null });
  });
});
