import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNLIMITED } from '#domain/cart/coupon.model.ts';
import type { CouponTerms } from '#domain/cart/discounts.ts';
import { type Goods, type Pricing, price, type ShopTerms } from '#domain/cart/price.ts';
import { flatRates } from '#domain/cart/tax.ts';
import type { Sellable } from '#domain/shop/sellable.ts';
import { type Id, newId, toId } from '#platform/id.ts';

const sum = (amounts: readonly number[]) => amounts.reduce((all, one) => all + one, 0);

/** The n-th id of a kind: small, so that runs can be compared. */
const idAt = <Kind extends string>(kind: string, n: number): Id<Kind> =>
  toId(
    Buffer.from(`${kind}${String(n).padStart(8, '0')}`)
      .toString('hex')
      .slice(0, 24),
  );

const sellable = (n: number, facts: Partial<Sellable> = {}): Sellable => ({
  variant: idAt('vari', n),
  product: idAt('prod', n),
  shop: idAt('shop', 0),
  seller: idAt('user', 0),
  category: idAt('cate', 0),
  title: `Thing ${n}`,
  sku: `T-${n}`,
  optionValues: {},
  imageUrl: null,
  priceMinor: 1000,
  compareAtMinor: null,
  currency: 'USD',
  taxClass: 'standard',
  commissionBps: undefined,
  weightGrams: 0,
  available: 10,
  offered: true,
  ...facts,
});

const goods = (n: number, facts: Partial<Sellable> = {}, quantity = 1): Goods => ({
  item: idAt('item', n),
  sellable: sellable(n, facts),
  quantity,
  source: {},
});

const method = (code: string, rateMinor: number, more = {}) => ({
  ...{ code, name: code, rateMinor, perItemMinor: 0, minDays: 1, maxDays: 3 },
  ...more,
});
const SHIPPING: ShopTerms['shipping'] = [
  { name: 'Home', countries: ['DE'], handlingDays: 1, methods: [method('standard', 500)] },
  { name: 'World', countries: ['*'], handlingDays: 2, methods: [method('air', 2000)] },
];

const coupon = (facts: Partial<CouponTerms> = {}): CouponTerms => ({
  _id: newId(),
  shop: idAt('shop', 0),
  code: 'TEN',
  funding: 'seller',
  kind: 'percent',
  value: 1000,
  minSpendMinor: 0,
  scope: { type: 'all', ids: [] },
  minorLeft: UNLIMITED,
  ...facts,
});
const ofPlatform = (facts: Partial<CouponTerms> = {}): CouponTerms =>
  coupon({ shop: null, funding: 'platform', code: 'OURS', ...facts });

const pricing = (facts: Partial<Pricing>): Pricing => ({
  goods: [goods(1)],
  shops: new Map(
    [0, 1, 2].map((n) => [idAt('shop', n).toHexString(), { shipping: SHIPPING }] as const),
  ),
  country: undefined,
  methods: {},
  coupons: [],
  taxes: flatRates,
  commissionBps: 500,
  ...facts,
});

describe('discounts', () => {
  test('take the seller’s coupon first and the platform’s on what is left', () => {
    const { shops, totalMinor } = price(pricing({ coupons: [ofPlatform(), coupon()] }));

    expect(shops[0]?.lines[0]).toMatchObject({
      itemsMinor: 1000,
      sellerDiscountMinor: 100,
      platformDiscountMinor: 90,
    });
    expect(totalMinor).toBe(810);
  });

  test('spread one coupon of the platform over the shops', () => {
    const far = { shop: idAt<'shop'>('shop', 1) };
    const { shops } = price(
      pricing({
        goods: [goods(1, { priceMinor: 3000 }), goods(2, { ...far, priceMinor: 1000 })],
        coupons: [ofPlatform({ kind: 'amount', value: 101 })],
      }),
    );

    expect(shops.map(({ coupons }) => coupons[0]?.discountMinor)).toEqual([76, 25]);
  });

  test('use one coupon of each funder and say that the others are too many', () => {
    const second = coupon({ code: 'MORE' });
    const { refused, totalMinor } = price(pricing({ coupons: [coupon(), second] }));

    expect(totalMinor).toBe(900);
    expect(refused).toEqual([{ code: 'MORE', reason: 'only_one', shop: second.shop }]);
  });

  test('keep to the cap, the least spend, the scope and what is left of the budget', () => {
    const with1 = (facts: Partial<CouponTerms>) => price(pricing({ coupons: [coupon(facts)] }));
    const scope = (type: 'products' | 'categories', id: Id) => ({ scope: { type, ids: [id] } });

    expect(with1({ capMinor: 30 }).totalMinor).toBe(970);
    expect(with1({ kind: 'amount', value: 5000 }).totalMinor).toBe(0);
    expect(with1({ minSpendMinor: 1000 }).totalMinor).toBe(900);
    expect(with1({ minSpendMinor: 1001 }).refused[0]?.reason).toBe('min_spend');
    expect(with1(scope('products', idAt('prod', 1))).totalMinor).toBe(900);
    expect(with1(scope('products', idAt('prod', 2))).refused[0]?.reason).toBe('not_for_these');
    expect(with1(scope('categories', idAt('cate', 0))).totalMinor).toBe(900);
    expect(with1({ minorLeft: 99 }).refused[0]?.reason).toBe('used_up');
  });

  test('pay for shipping without touching the goods', () => {
    const free = coupon({ kind: 'shipping', value: 10_000 });
    const half = ofPlatform({ kind: 'shipping', value: 5000 });
    const both = price(pricing({ country: 'DE', coupons: [free, half] }));
    const one = price(pricing({ country: 'DE', coupons: [half] }));

    expect(both.shops[0]).toMatchObject({
      shippingMinor: 500,
      sellerShippingDiscountMinor: 500,
      platformShippingDiscountMinor: 0,
      itemsMinor: 1000,
    });
    expect(both.shops[0]?.coupons.map(({ code }) => code)).toEqual(['TEN']);
    expect(one.shops[0]).toMatchObject({ platformShippingDiscountMinor: 250, discountMinor: 250 });
  });
});

describe('shipping', () => {
  const priced = (shipping: ShopTerms['shipping'], facts: Partial<Pricing> = {}) =>
    price(
      pricing({
        country: 'DE',
        shops: new Map([[idAt('shop', 0).toHexString(), { shipping }]]),
        ...facts,
      }),
    ).shops[0];
  const profile = (methods: readonly ReturnType<typeof method>[]) => [
    { name: 'Home', countries: ['*'], handlingDays: 1, methods },
  ];

  test('goes by the profile of the country, else by the one for everywhere else', () => {
    expect(priced(SHIPPING)).toMatchObject({ shippingMinor: 500, handlingDays: 1 });
    expect(priced(SHIPPING, { country: 'JP' })).toMatchObject({ shippingMinor: 2000 });
    expect(priced(SHIPPING.slice(0, 1), { country: 'JP' })).toMatchObject({
      method: null,
      shippingMinor: 0,
    });
  });

  test('is the method that was chosen, and the cheapest where none was', () => {
    const ways = profile([method('express', 900), method('standard', 400), method('slow', 400)]);
    const chosen = { [idAt('shop', 0).toHexString()]: 'express' };

    expect(priced(ways)?.method?.code).toBe('standard');
    expect(priced(ways, { methods: chosen })?.shippingMinor).toBe(900);
  });

  test('asks for every further piece, and nothing from a sum on', () => {
    const ways = profile([method('standard', 400, { perItemMinor: 50, freeFromMinor: 4000 })]);

    expect(priced(ways, { goods: [goods(1, {}, 3)] })?.shippingMinor).toBe(500);
    expect(priced(ways, { goods: [goods(1, {}, 4)] })?.shippingMinor).toBe(0);
  });
});

test('tax is added to what the buyer pays, for goods by their class and for shipping', () => {
  const { shops, totalMinor } = price(
    pricing({
      country: 'DE',
      goods: [goods(1), goods(2, { taxClass: 'reduced' }), goods(3, { taxClass: 'zero' })],
      coupons: [coupon()],
    }),
  );

  expect(shops[0]?.lines.map(({ taxMinor }) => taxMinor)).toEqual([171, 63, 0]);
  expect(shops[0]?.shippingTaxMinor).toBe(95);
  expect(totalMinor).toBe(2700 + 500 + 171 + 63 + 95);
});

test('what the platform keeps is the category’s, else the shop’s, else the setting’s', () => {
  const rates = (sellableBps: number | undefined, shopBps: number | undefined) =>
    price(
      pricing({
        goods: [goods(1, { commissionBps: sellableBps })],
        shops: new Map([[idAt('shop', 0).toHexString(), { shipping: [], commissionBps: shopBps }]]),
      }),
    ).shops[0]?.lines[0]?.commissionBps;

  expect([rates(0, 300), rates(undefined, 300), rates(undefined, undefined)]).toEqual([
    0, 300, 500,
  ]);
});

describe('for any goods and coupons', () => {
  const amount = fc.integer({ min: 1, max: 1_000_000_000 });
  const anyGoods = fc
    .array(
      fc.record({
        n: fc.integer({ min: 1, max: 50 }),
        priceMinor: fc.oneof(fc.integer({ min: 1, max: 30 }), amount),
        quantity: fc.integer({ min: 1, max: 999 }),
        shop: fc.integer({ min: 0, max: 2 }),
        taxClass: fc.constantFrom('standard', 'reduced', 'zero'),
      }),
      { minLength: 1, maxLength: 12 },
    )
    .map((all) => [...new Map(all.map((one) => [one.n, one])).values()])
    .map((all) =>
      all.map(({ n, shop, quantity, ...facts }) =>
        goods(n, { ...facts, shop: idAt('shop', shop), seller: idAt('user', shop) }, quantity),
      ),
    );
  const anyCoupon = fc
    .record({
      n: fc.integer({ min: 0, max: 99 }),
      shop: fc.option(fc.integer({ min: 0, max: 2 })),
      kind: fc.constantFrom('percent', 'amount', 'shipping'),
      bps: fc.integer({ min: 1, max: 10_000 }),
      amount,
      capMinor: fc.option(amount, { nil: undefined }),
      minSpendMinor: fc.oneof(fc.constant(0), amount),
      products: fc.option(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 })),
    })
    .map(({ n, shop, kind, bps, amount: minor, capMinor, products, minSpendMinor }) =>
      coupon({
        ...{ code: `C${n}`, kind, minSpendMinor },
        shop: shop === null ? null : idAt('shop', shop),
        funding: shop === null ? 'platform' : 'seller',
        value: kind === 'amount' ? minor : bps,
        ...(capMinor !== undefined && { capMinor }),
        ...(products && {
          scope: { type: 'products', ids: products.map((one) => idAt('prod', one)) },
        }),
      }),
    );
  const anything = fc.record({
    goods: anyGoods,
    coupons: fc.array(anyCoupon, { maxLength: 6 }),
    country: fc.constantFrom(undefined, 'DE', 'US', 'JP'),
  });

  test('everything adds up, and nothing is taken off twice', () => {
    fc.assert(
      fc.property(anything, (facts) => {
        const { shops, totalMinor } = price(pricing(facts));

        expect(totalMinor).toBe(sum(shops.map((shop) => shop.totalMinor)));
        for (const shop of shops) {
          const ofLines = (field: 'itemsMinor' | 'taxMinor') =>
            sum(shop.lines.map((line) => line[field]));
          const seller = sum(shop.lines.map((line) => line.sellerDiscountMinor));
          const platform = sum(shop.lines.map((line) => line.platformDiscountMinor));
          const funded = (by: 'seller' | 'platform') =>
            sum(shop.coupons.filter(({ funding }) => funding === by).map((c) => c.discountMinor));

          expect(shop.itemsMinor).toBe(ofLines('itemsMinor'));
          expect(shop.taxMinor).toBe(ofLines('taxMinor') + shop.shippingTaxMinor);
          expect(funded('seller')).toBe(seller + shop.sellerShippingDiscountMinor);
          expect(funded('platform')).toBe(platform + shop.platformShippingDiscountMinor);
          expect(shop.discountMinor).toBe(funded('seller') + funded('platform'));
          expect(shop.totalMinor).toBe(
            shop.itemsMinor - shop.discountMinor + shop.shippingMinor + shop.taxMinor,
          );
          expect(
            shop.shippingMinor -
              shop.sellerShippingDiscountMinor -
              shop.platformShippingDiscountMinor,
          ).toBeGreaterThanOrEqual(0);
          for (const line of shop.lines) {
            expect(line.sellerDiscountMinor).toBeGreaterThanOrEqual(0);
            expect(line.platformDiscountMinor).toBeGreaterThanOrEqual(0);
            expect(line.sellerDiscountMinor + line.platformDiscountMinor).toBeLessThanOrEqual(
              line.itemsMinor,
            );
          }
        }
      }),
    );
  });

  test('the order of the lines does not matter', () => {
    fc.assert(
      fc.property(anything, fc.infiniteStream(fc.nat()), (facts, random) => {
        const shuffled = facts.goods
          .map((one) => ({ one, at: random.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ one }) => one);

        expect(price(pricing({ ...facts, goods: shuffled }))).toEqual(price(pricing(facts)));
      }),
    );
  });

  test('a coupon takes from one checkout no more than its cap and its budget', () => {
    fc.assert(
      fc.property(anything, amount, (facts, minorLeft) => {
        const coupons = facts.coupons.map((one) => ({ ...one, minorLeft }));
        const { shops } = price(pricing({ ...facts, coupons }));
        const byId = Map.groupBy(
          shops.flatMap((shop) => shop.coupons),
          (one) => one.coupon.toHexString(),
        );

        for (const { _id, capMinor = minorLeft } of coupons)
          expect(
            sum((byId.get(_id.toHexString()) ?? []).map(({ discountMinor }) => discountMinor)),
          ).toBeLessThanOrEqual(Math.min(minorLeft, capMinor));
      }),
    );
  });
});
