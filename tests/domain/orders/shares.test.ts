import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Shares } from '#domain/orders/order.model.ts';
import type { OrderLine } from '#domain/orders/order-line.ts';
import {
  givenBy,
  type Refunded,
  type RefundParts,
  refundShares,
  totalsOf,
  within,
} from '#domain/orders/refund-shares.ts';
import {
  commissionable,
  deltasOf,
  initialShares,
  movementsOf,
  reversed,
  shippingPaid,
  without,
} from '#domain/orders/shares.ts';
import { newId } from '#platform/id.ts';
import { shareOf } from '#platform/money.ts';

const RUNS = { numRuns: 1000 };
const bps = (most: number) => fc.integer({ min: 0, max: most });

const aLine = fc
  .record({
    quantity: fc.integer({ min: 1, max: 9 }),
    unitMinor: fc.integer({ min: 1, max: 20_000 }),
    sellerBps: bps(10_000),
    platformBps: bps(10_000),
    taxBps: bps(2500),
    feeBps: bps(2000),
    affiliateBps: fc.option(bps(5000)),
  })
  .map((of): OrderLine => {
    const itemsMinor = of.quantity * of.unitMinor;
    const sellerDiscountMinor = shareOf(itemsMinor, of.sellerBps);
    const base = itemsMinor - sellerDiscountMinor;
    const platformDiscountMinor = shareOf(base, of.platformBps);
    return {
      id: newId<'line'>(),
      product: newId<'product'>(),
      variant: newId<'variant'>(),
      category: newId<'category'>(),
      title: 'Cup',
      sku: 'C1',
      optionValues: {},
      quantity: of.quantity,
      unitMinor: of.unitMinor,
      itemsMinor,
      sellerDiscountMinor,
      platformDiscountMinor,
      taxMinor: shareOf(base - platformDiscountMinor, of.taxBps),
      feeMinor: shareOf(base, of.feeBps),
      ...(of.affiliateBps !== null && {
        affiliate: {
          offer: newId<'offer'>(),
          creator: newId<'user'>(),
          rateBps: of.affiliateBps,
          amountMinor: shareOf(base, of.affiliateBps),
        },
      }),
      shippedQuantity: 0,
      cancelledQuantity: 0,
      refundedQuantity: 0,
    };
  });

const anOrder = fc
  .record({
    lines: fc.array(aLine, { minLength: 1, maxLength: 4 }),
    shippingMinor: fc.integer({ min: 0, max: 3000 }),
    sellerBps: bps(10_000),
    platformBps: bps(10_000),
    taxBps: bps(2500),
  })
  .map(({ lines, shippingMinor, sellerBps, platformBps, taxBps }) => {
    const sellerShippingDiscountMinor = shareOf(shippingMinor, sellerBps);
    const rest = shippingMinor - sellerShippingDiscountMinor;
    const platformShippingDiscountMinor = shareOf(rest, platformBps);
    const shippingTaxMinor = shareOf(rest - platformShippingDiscountMinor, taxBps);
    return {
      lines,
      shippingMinor,
      sellerShippingDiscountMinor,
      platformShippingDiscountMinor,
      shippingTaxMinor,
    };
  });
type AnOrder = typeof anOrder extends fc.Arbitrary<infer Order> ? Order : never;

const total = (order: AnOrder): number =>
  order.lines.reduce(
    (sum, line) => sum + commissionable(line) - line.platformDiscountMinor + line.taxMinor,
    shippingPaid(order) + order.shippingTaxMinor,
  );

/** What the buyer has paid, as the shares say. */
const paidFor = ({ sellerMinor, feeMinor, taxMinor, promoMinor, affiliates }: Shares): number =>
  affiliates.reduce((sum, { minor }) => sum + minor, sellerMinor + feeMinor + taxMinor) -
  promoMinor;

/** How far to go in each step: which line and how much of what is left of it, in thousandths. */
const aStep = fc.record({
  line: fc.nat(3),
  pieces: fc.integer({ min: 0, max: 1000 }),
  shipping: fc.integer({ min: 0, max: 1000 }),
  goodwill: fc.integer({ min: 0, max: 1000 }),
  bySeller: fc.boolean(),
  /** An earlier refund that is called off before this one. */
  callOff: fc.option(fc.nat(5), { freq: 4 }),
});

const amountOf = (refunds: readonly Refunded[]): number =>
  refunds.reduce((sum, refunded) => sum + totalsOf(refunded).amountMinor, 0);
const quantityLeft = ({ id, quantity }: OrderLine, refunds: readonly Refunded[]): number =>
  refunds
    .flatMap(({ lines }) => lines)
    .filter(({ line }) => line.equals(id))
    .reduce((left, one) => left - one.quantity, quantity);
const upTo = (most: number, thousandths: number) => Math.floor((most * thousandths) / 1000);

/** Takes what a step asks for, as far as there is something to take. */
function afterStep(
  order: AnOrder,
  step: typeof aStep extends fc.Arbitrary<infer S> ? S : never,
  before: readonly Refunded[],
) {
  const refunds = before.filter((_, position) => position !== step.callOff);
  const line = order.lines[step.line % order.lines.length];
  const quantity = line ? upTo(quantityLeft(line, refunds), step.pieces) : 0;
  const shippingLeft = refunds.reduce(
    (left, { shipping }) => left - shipping.paidMinor,
    shippingPaid(order),
  );
  const cap = total(order) - amountOf(refunds);
  const parts: RefundParts = {
    lines: line && quantity > 0 ? [{ line: line.id, quantity }] : [],
    shippingMinor: upTo(shippingLeft, step.shipping),
    goodwillMinor: 0,
    goodwillBy: step.bySeller ? 'seller' : 'platform',
  };
  const bare = within(cap, refundShares(order, parts, refunds), refunds);
  const goodwillMinor = upTo(cap - totalsOf(bare).amountMinor, step.goodwill);
  return [
    ...refunds,
    within(cap, refundShares(order, { ...parts, goodwillMinor }, refunds), refunds),
  ];
}

/** Whatever is left, as a cancelled order gives it back. */
function everything(order: AnOrder, before: readonly Refunded[]): Refunded {
  const lines = order.lines
    .map((line) => ({ line: line.id, quantity: quantityLeft(line, before) }))
    .filter(({ quantity }) => quantity > 0);
  const parts = { lines, shippingMinor: 'rest', goodwillMinor: 0, goodwillBy: 'seller' } as const;
  return within(total(order) - amountOf(before), refundShares(order, parts, before), before);
}

const left = (order: AnOrder, refunds: readonly Refunded[]): Shares =>
  refunds.reduce((shares, one) => without(shares, givenBy(order, one)), initialShares(order));

describe('shares', () => {
  test('add up to what the buyer pays, and move without a remainder', () => {
    fc.assert(
      fc.property(anOrder, (order) => {
        const shares = initialShares(order);
        const deltas = deltasOf(newId<'shop'>(), shares, 'pending');
        const movements = movementsOf([['escrow:x', -total(order)], ...deltas], 'USD');

        expect(paidFor(shares)).toBe(total(order));
        for (const { amountMinor } of movements) expect(amountMinor).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  test('and refunds together are always what they were, whatever is refunded or called off', () => {
    fc.assert(
      fc.property(anOrder, fc.array(aStep, { maxLength: 12 }), (order, steps) => {
        let refunds: readonly Refunded[] = [];
        for (const step of steps) {
          refunds = afterStep(order, step, refunds);
          const shares = left(order, refunds);

          expect(paidFor(shares) + amountOf(refunds)).toBe(total(order));
          expect(amountOf(refunds)).toBeLessThanOrEqual(total(order));
          for (const line of order.lines)
            expect(quantityLeft(line, refunds)).toBeGreaterThanOrEqual(0);
          for (const { minor } of shares.affiliates) expect(minor).toBeGreaterThanOrEqual(0);
          expect(Math.min(shares.feeMinor, shares.taxMinor)).toBeGreaterThanOrEqual(0);
        }
      }),
      RUNS,
    );
  });

  test('are all zero once everything is refunded, in whatever steps', () => {
    fc.assert(
      fc.property(anOrder, fc.array(aStep, { maxLength: 12 }), (order, steps) => {
        let refunds: readonly Refunded[] = [];
        for (const step of steps) refunds = afterStep(order, step, refunds);
        refunds = [...refunds, everything(order, refunds)];
        const shares = left(order, refunds);

        expect(amountOf(refunds)).toBe(total(order));
        expect([shares.sellerMinor, shares.feeMinor, shares.taxMinor, shares.promoMinor]).toEqual([
          0, 0, 0, 0,
        ]);
        expect(shares.affiliates.filter(({ minor }) => minor !== 0)).toEqual([]);
      }),
      RUNS,
    );
  });

  test('give for a refund exactly what the buyer gets', () => {
    fc.assert(
      fc.property(anOrder, fc.array(aStep, { minLength: 1, maxLength: 6 }), (order, steps) => {
        let refunds: readonly Refunded[] = [];
        for (const step of steps) refunds = afterStep(order, step, refunds);
        const shop = newId<'shop'>();
        for (const one of refunds) {
          const back = reversed(deltasOf(shop, givenBy(order, one), 'pending'));
          const { amountMinor } = totalsOf(one);
          const movements = movementsOf([...back, ['psp', amountMinor]], 'USD');
          const toBuyer = movements
            .filter(({ to }) => to === 'psp')
            .reduce((sum, movement) => sum + movement.amountMinor, 0);

          expect(toBuyer).toBe(amountMinor);
        }
      }),
      RUNS,
    );
  });

  test('refuse more than there is', () => {
    fc.assert(
      fc.property(anOrder, fc.array(aStep, { maxLength: 4 }), (order, steps) => {
        let refunds: readonly Refunded[] = [];
        for (const step of steps) refunds = afterStep(order, step, refunds);
        const none = {
          lines: [],
          shippingMinor: 0,
          goodwillMinor: 0,
          goodwillBy: 'seller',
        } as const;
        const [line] = order.lines;
        const tooMany = line && { line: line.id, quantity: quantityLeft(line, refunds) + 1 };
        const refused = [
          { ...none, lines: tooMany ? [tooMany] : [] },
          { ...none, shippingMinor: shippingPaid(order) + 1 },
          { ...none, shippingMinor: -1 },
          { ...none, goodwillMinor: 0.5 },
          { ...none, lines: [{ line: newId<'line'>(), quantity: 1 }] },
        ];
        const cap = total(order) - amountOf(refunds);

        for (const parts of refused)
          expect(() => refundShares(order, parts, refunds)).toThrow(RangeError);
        expect(() =>
          within(
            cap,
            refundShares(order, { ...none, goodwillMinor: total(order) + 1 }, refunds),
            [],
          ),
        ).toThrow(RangeError);
      }),
      RUNS,
    );
  });
});
