import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Coupon, Coupons, UNLIMITED } from '#domain/cart/coupon.model.ts';
import { CouponRedemptions } from '#domain/cart/coupon-redemption.model.ts';
import {
  abandonCoupons,
  claimCoupons,
  keepCoupons,
  recoverCouponClaims,
  redeemCoupons,
  returnCoupons,
} from '#domain/cart/coupon-use.ts';
import type { QuoteCoupon } from '#domain/cart/quote.ts';
import { after, clock, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

let made = 0;
async function aCoupon(facts: Partial<Coupon> = {}): Promise<Id<'coupon'>> {
  made += 1;
  const _id = newId<'coupon'>();
  await Coupons.create([
    {
      ...{ _id, shop: null, code: `C${made}`, funding: 'platform', kind: 'amount', value: 100 },
      ...{ startsAt: clock.now(), minorLeft: UNLIMITED, usesLeft: UNLIMITED },
      ...facts,
    },
  ]);
  return _id;
}
const use = (coupon: Id<'coupon'>, discountMinor = 100): QuoteCoupon => ({
  ...{ coupon, code: 'CODE', funding: 'platform', discountMinor },
});
const claim = (checkout: Id<'checkout'>, coupons: readonly QuoteCoupon[], user = newId<'user'>()) =>
  claimCoupons(checkout, user, coupons, clock.now());
const redeem = (
  checkout: Id<'checkout'>,
  coupons: readonly QuoteCoupon[],
  user = newId<'user'>(),
) =>
  transaction(() => {
    const parts = coupons.map((one) => ({ ...one, order: newId<'order'>() }));
    return redeemCoupons(checkout, user, parts, clock.now());
  });
/** A whole checkout with one coupon. */
async function checkOut(coupon: Id<'coupon'>, user = newId<'user'>()): Promise<Id<'checkout'>> {
  const checkout = newId<'checkout'>();
  await claim(checkout, [use(coupon)], user);
  await redeem(checkout, [use(coupon)], user);
  await keepCoupons(checkout, [use(coupon)]);
  return checkout;
}
const coupon = (id: Id<'coupon'>) => Coupons.findById(id).lean();
const later = (count: number) => after(clock.now(), minutes(count));
const outcomes = async (attempts: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(attempts)).map(({ status }) => status);
const fulfilled = (all: readonly string[]) => all.filter((one) => one === 'fulfilled').length;

describe('a budget', () => {
  test('of ten uses is enough for exactly ten of thirty who want it at once', async () => {
    const id = await aCoupon({ usesLeft: 10 });

    const all = await outcomes(Array.from({ length: 30 }, () => claim(newId(), [use(id)])));

    expect(fulfilled(all)).toBe(10);
    expect(await coupon(id)).toMatchObject({ usesLeft: 0, minorLeft: UNLIMITED - 1000 });
  });

  test('of an amount is enough for what it covers and no more', async () => {
    const id = await aCoupon({ minorLeft: 250 });

    const all = await outcomes(Array.from({ length: 5 }, () => claim(newId(), [use(id)])));

    expect(fulfilled(all)).toBe(2);
    expect(await coupon(id)).toMatchObject({ minorLeft: 50 });
  });

  test('is claimed once by a checkout that asks twice, with its orders together', async () => {
    const id = await aCoupon({ usesLeft: 5, minorLeft: 1000 });
    const checkout = newId<'checkout'>();
    const parts = [use(id, 60), use(id, 40)];

    await claim(checkout, parts);
    await claim(checkout, parts);

    expect(await coupon(id)).toMatchObject({
      usesLeft: 4,
      minorLeft: 900,
      claims: [{ amount: 100 }],
    });
  });

  test('gets back what was taken when another coupon of the checkout does not suffice', async () => {
    const [plenty, none] = [await aCoupon({ usesLeft: 5 }), await aCoupon({ usesLeft: 0 })];

    const refused = claim(newId(), [use(plenty), use(none)]);

    await expect(refused).rejects.toMatchObject({
      code: 'coupon_refused',
      facts: { details: ['CODE: used_up'] },
    });
    expect(await coupon(plenty)).toMatchObject({ usesLeft: 5, minorLeft: UNLIMITED, claims: [] });
  });

  test('is not taken from once the coupon was stopped', async () => {
    const id = await aCoupon({ status: 'stopped' });

    await expect(claim(newId(), [use(id)])).rejects.toMatchObject({ code: 'coupon_refused' });
  });
});

describe('a use', () => {
  test('lasts, and is counted for the person', async () => {
    const id = await aCoupon({ usesLeft: 5, perUser: 2 });
    const user = newId<'user'>();

    await checkOut(id, user);
    await checkOut(id, user);

    await expect(checkOut(id, user)).rejects.toMatchObject({ code: 'coupon_refused' });
    await recoverCouponClaims(later(5), 100);
    expect(await coupon(id)).toMatchObject({ usesLeft: 3, claims: [] });
  });

  test('is one of one for a person who checks out five times at once', async () => {
    const id = await aCoupon({ usesLeft: 10 });
    const user = newId<'user'>();

    const all = await outcomes(Array.from({ length: 5 }, () => checkOut(id, user)));

    expect(fulfilled(all)).toBe(1);
    await recoverCouponClaims(later(5), 100);
    expect(await coupon(id)).toMatchObject({ usesLeft: 9, claims: [] });
  });

  test('goes back to person and budget when the orders were not paid, once', async () => {
    const id = await aCoupon({ usesLeft: 1, minorLeft: 100 });
    const user = newId<'user'>();
    const checkout = await checkOut(id, user);

    const used = await CouponRedemptions.findOne({ checkout }).lean();
    const order = used?.orders[0]?.order ?? newId<'order'>();

    await transaction(() => returnCoupons(checkout, order));
    await transaction(() => returnCoupons(checkout, order));
    await Promise.all([recoverCouponClaims(later(0), 100), recoverCouponClaims(later(0), 100)]);
    await recoverCouponClaims(later(5), 100);

    expect(await coupon(id)).toMatchObject({ usesLeft: 1, minorLeft: 100 });
    await checkOut(id, user);
    expect(await coupon(id)).toMatchObject({ usesLeft: 0, minorLeft: 0 });
  });
});

describe('recoverCouponClaims', () => {
  test('gives back the claim of a checkout that died, and keeps it from ordering after all', async () => {
    const id = await aCoupon({ usesLeft: 5 });
    const checkout = newId<'checkout'>();
    await claim(checkout, [use(id)]);

    await recoverCouponClaims(later(1), 100);
    expect(await coupon(id)).toMatchObject({ usesLeft: 4 });
    expect(await recoverCouponClaims(later(3), 100)).toBeGreaterThan(0);

    expect(await coupon(id)).toMatchObject({ usesLeft: 5, minorLeft: UNLIMITED, claims: [] });
    await expect(redeem(checkout, [use(id)])).rejects.toMatchObject({ code: 'conflict' });
  });

  test('forgets the claim of a checkout that ordered and died before it could', async () => {
    const id = await aCoupon({ usesLeft: 5 });
    const checkout = newId<'checkout'>();
    await claim(checkout, [use(id)]);
    await redeem(checkout, [use(id)]);

    await recoverCouponClaims(later(3), 100);

    expect(await coupon(id)).toMatchObject({ usesLeft: 4, claims: [] });
  });

  test('races with orders, and every claim is either used or given back', async () => {
    const id = await aCoupon({ usesLeft: 20, perUser: 1 });
    const checkouts = Array.from({ length: 12 }, () => newId<'checkout'>());
    for (const checkout of checkouts) await claim(checkout, [use(id)]);

    const all = outcomes(checkouts.map((checkout) => redeem(checkout, [use(id)])));
    await recoverCouponClaims(later(3), 100);
    const used = fulfilled(await all);
    await recoverCouponClaims(later(3), 100);

    expect(await CouponRedemptions.countDocuments({ coupon: id, status: 'redeemed' })).toBe(used);
    expect(await coupon(id)).toMatchObject({ usesLeft: 20 - used, claims: [] });
  });
});

test('abandonCoupons gives back at once, but not what was redeemed', async () => {
  const id = await aCoupon({ usesLeft: 5 });
  const [dead, alive] = [newId<'checkout'>(), newId<'checkout'>()];
  for (const checkout of [dead, alive]) await claim(checkout, [use(id)]);
  await redeem(alive, [use(id)]);

  for (const checkout of [dead, alive]) await abandonCoupons(checkout, [use(id, 60), use(id, 40)]);

  expect(await coupon(id)).toMatchObject({ usesLeft: 4, minorLeft: UNLIMITED - 100, claims: [] });
  await expect(redeem(dead, [use(id)])).rejects.toMatchObject({ code: 'conflict' });
});
