import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Coupons } from '#domain/cart/coupon.model.ts';
import { AffiliateOffers } from '#domain/sellers/affiliate-offer.model.ts';
import type { Account } from '#domain/wallet/accounts.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { intoCart } from '../../support/cart.ts';
import { checkOut } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import {
  earnedBy,
  expectProof,
  inAccount,
  inEscrow,
  ordersOf,
  paymentsOf,
  pendingOf,
  stockOf,
} from '../orders/books.ts';
import { balanceOf, giveCash } from '../wallet/money.ts';

let world: World;
let one: TestShop;
let two: TestShop;
beforeAll(async () => {
  world = await startWorld();
  one = await aShop(world, await world.person('one'));
  two = await aShop(world, await world.person('two'));
});
afterAll(() => world.stop());

const WALLET = { paymentMethod: 'wallet' };
const rich = async (name: string): Promise<Person> => {
  const person = await world.person(name);
  await giveCash(person.id, 100_000);
  return person;
};

let codes = 0;
async function aCoupon(facts: Readonly<Record<string, unknown>>): Promise<string> {
  codes += 1;
  const code = `CODE${codes}`;
  const left = { minorLeft: 1_000_000, usesLeft: 1000, startsAt: new Date('2020-01-01') };
  await Coupons.create([{ shop: null, funding: 'platform', code, ...left, ...facts } as never]);
  return code;
}
const couponOf = (code: string) => raw('coupons').findOne({ code });

/** A creator who earns that share of a product. */
async function aPromoter(product: AProduct, seller: Person, rateBps: number): Promise<Person> {
  const creator = await world.person('creator');
  const joined = { user: toId(creator.id), status: 'joined', rateBps, joinedAt: world.now() };
  const offer = { kind: 'open', rateBps, rateSince: world.now(), currency: 'USD' };
  const of = { shop: toId(product.shop), seller: toId(seller.id), product: toId(product.id) };
  await AffiliateOffers.create([{ ...of, ...offer, creators: [joined] } as never]);
  return creator;
}

describe('a checkout of two shops', () => {
  test('is two orders and one payment that balance to the unit, with coupons and a promoter', async () => {
    const alice = await rich('alice');
    const [bread, knife] = [
      await aProduct(one.owner, { variants: [{ priceMinor: 1_003 }] }),
      await aProduct(two.owner, { variants: [{ priceMinor: 2_999 }] }),
    ];
    const creator = await aPromoter(knife, two.owner, 1_234);
    await intoCart(alice, bread, { quantity: 3 });
    await intoCart(alice, knife, { affiliate: creator.id });
    const seller = { shop: toId(one.id), funding: 'seller', kind: 'percent', value: 1_000 };
    const tenth = await aCoupon(seller);
    const gift = await aCoupon({ kind: 'amount', value: 777 });
    const shared: Account[] = ['fee', 'tax', 'promo'];
    const before = await Promise.all(shared.map(inAccount));

    const { status, body } = await checkOut(alice, { ...WALLET, coupon: [tenth, gift] });

    expect(status).toBe(201);
    const orders = await ordersOf(alice);
    const total = orders.reduce((sum, { totalMinor }) => sum + totalMinor, 0);
    const [first, second] = [one, two].map(({ id }) =>
      orders.find(({ shop }) => String(shop) === id),
    );
    const [payment, ...others] = await paymentsOf(String(first?._id));
    expect(others).toEqual([]);
    expect(payment).toMatchObject({ amountMinor: total, capturedMinor: total });
    expect(body['payment']?.['amount']).toBe(total);
    expect(
      payment?.['allocations'].map(({ order, amountMinor }: never) => [String(order), amountMinor]),
    ).toEqual(orders.map(({ _id, totalMinor }) => [String(_id), totalMinor]));
    expect(await balanceOf(alice)).toBe(100_000 - total);

    const [fee, tax, promo] = await Promise.all(
      shared.map(async (account, index) => (await inAccount(account)) - (before[index] ?? 0)),
    );
    const affiliate = await earnedBy(creator.id);
    const sellers = [await pendingOf(one.id), await pendingOf(two.id)];
    expect(promo).toBe(-777);
    expect(affiliate).toBe(Math.floor((2_999 * 1_234) / 10_000));
    expect(fee).toBe(Math.floor((3_009 - 301) * 0.05) + Math.floor(2_999 * 0.05));
    expect((sellers[0] ?? 0) + (sellers[1] ?? 0) + Number(fee) + Number(tax) + affiliate).toBe(
      total + 777,
    );
    expect(sellers).toEqual([first?.['shares'].sellerMinor, second?.['shares'].sellerMinor]);
    for (const { _id } of orders) expect(await inEscrow(String(_id))).toBe(0);
    expect(await raw('commissions').findOne({ creator: toId(creator.id) })).toMatchObject({
      baseMinor: 2_999,
      amountMinor: affiliate,
      status: 'pending',
    });
    expect(await couponOf(gift)).toMatchObject({ usesLeft: 999, minorLeft: 1_000_000 - 777 });
    expect((await couponOf(gift))?.['claims']).toEqual([]);
    await world.settle();
    await expectProof(world);
  });

  test('pays nobody for what they buy through themselves', async () => {
    const product = await aProduct(one.owner);
    const creator = await aPromoter(product, one.owner, 1_000);
    await giveCash(creator.id, 10_000);
    await intoCart(creator, product, { affiliate: creator.id });

    expect((await checkOut(creator, WALLET)).status).toBe(201);

    expect(await earnedBy(creator.id)).toBe(0);
  });

  test('needs no payment where coupons pay for all of it', async () => {
    const alice = await world.person('alice');
    const product = await aProduct(one.owner, { variants: [{ priceMinor: 500, stock: 1 }] });
    await intoCart(alice, product);
    const coupons = [
      await aCoupon({ kind: 'amount', value: 500 }),
      await aCoupon({ shop: toId(one.id), funding: 'seller', kind: 'shipping', value: 10_000 }),
    ];

    const { status, body } = await checkOut(alice, { coupon: coupons });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      orders: [{ status: 'on_hold', totalMinor: 0, paymentId: null }],
      payment: null,
    });
    expect(await stockOf(product)).toEqual({ available: 0, claims: 0 });
    await world.settle();
    await expectProof(world);
  });

  test('keeps what costs nothing back until the rest is paid', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, await aProduct(one.owner, { variants: [{ priceMinor: 500 }] }));
    await intoCart(alice, await aProduct(two.owner));
    const all = { shop: toId(one.id), funding: 'seller' };
    const coupons = [
      await aCoupon({ ...all, kind: 'amount', value: 500 }),
      await aCoupon({ kind: 'shipping', value: 10_000 }),
    ];
    const asking = { paymentMethod: 'pm_card_chargeDeclined', coupon: coupons };
    const { body } = await checkOut(alice, asking);
    const orders = body['orders'] ?? [];
    expect(orders.map(({ totalMinor }) => Number(totalMinor)).sort()).toEqual([0, 1_190]);
    expect(orders.map(({ status }) => status)).toEqual(['pending_payment', 'pending_payment']);
    const free = String(orders.find(({ totalMinor }) => Number(totalMinor) === 0)?.['id']);

    const paid = await alice.post(
      `/api/orders/${free}/pay`,
      { paymentMethod: 'pm_card_mastercard' },
      { key: 'rest' },
    );

    expect(paid.body['orders']).toMatchObject([{ status: 'on_hold' }, { status: 'on_hold' }]);
    await world.settle();
    await expectProof(world);
  });

  test('gives stock and coupons back where a coupon is used up, and where nobody pays', async () => {
    const [alice, bob] = [await rich('alice'), await rich('bob')];
    const product = await aProduct(one.owner, { variants: [{ stock: 5 }] });
    const last = await aCoupon({ kind: 'amount', value: 100, usesLeft: 1 });
    for (const buyer of [alice, bob]) await intoCart(buyer, product);
    const body = { paymentMethod: 'pm_card_authenticationRequired', coupon: last };

    const answers = await Promise.all([checkOut(alice, body), checkOut(bob, body)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = answers.find(({ status }) => status === 409)?.body;
    expect(['coupon_refused', 'checkout_blocked']).toContain(refused?.['code']);
    expect(await stockOf(product)).toEqual({ available: 4, claims: 0 });
    expect(await couponOf(last)).toMatchObject({ usesLeft: 0 });
    world.advance(minutes(16));
    await world.runJob('releaseReservations');
    expect(await stockOf(product)).toEqual({ available: 5, claims: 0 });
    expect(await couponOf(last)).toMatchObject({ usesLeft: 1, minorLeft: 1_000_000, claims: [] });
  });
});
