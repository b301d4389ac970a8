import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { InventoryReservations } from '#domain/shop/inventory-reservation.model.ts';
import { ProductVariants } from '#domain/shop/product-variant.model.ts';
import {
  abandonStock,
  claimStock,
  commitStock,
  holdStock,
  keepStock,
  recoverStockClaim,
  releaseStock,
  restock,
  staleStockClaims,
} from '#domain/shop/stock.ts';
import { minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
beforeEach(async () => {
  await InventoryReservations.deleteMany({});
  await ProductVariants.deleteMany({});
});
afterAll(() => world.stop());

const NOW = new Date('2026-01-01T12:00:00Z');
const LATER = new Date(NOW.getTime() + minutes(3));

async function stocked(available: number): Promise<Id<'variant'>> {
  const _id = newId<'variant'>();
  const facts = { product: newId(), shop: newId(), sku: _id.toHexString(), priceMinor: 100 };
  await ProductVariants.create([{ _id, ...facts, available }]);
  return _id;
}
const variantNow = async (variant: Id<'variant'>) =>
  (await ProductVariants.findOne({ _id: variant }).lean()) ?? { available: -1, claims: [] };
const left = async (variant: Id<'variant'>) => (await variantNow(variant)).available;
const kept = async (variant: Id<'variant'>): Promise<number> =>
  (
    await InventoryReservations.find({ variant, status: { $in: ['held', 'committed'] } }).lean()
  ).reduce((sum, { quantity }) => sum + quantity, 0);
async function recoverAll(): Promise<void> {
  for (const stale of await staleStockClaims(LATER, 100)) await recoverStockClaim(stale, LATER);
}

/** A checkout as far as stock is concerned, which can stop after any step and be late at any. */
class Checkout {
  readonly id: Id<'checkout'> = newId();
  readonly order: Id<'order'> = newId();
  state: 'new' | 'claimed' | 'held' | 'kept' | 'over' = 'new';
  readonly demand: readonly { variant: Id<'variant'>; quantity: number }[];

  constructor(demand: Checkout['demand']) {
    this.demand = demand;
  }

  /** Does what comes next; a refusal ends it, as it ends a checkout. */
  async step(last: 'commit' | 'release'): Promise<void> {
    if (this.state === 'new') {
      this.state = 'over';
      await claimStock(this.id, this.demand, NOW).then(() => {
        this.state = 'claimed';
      }, refused);
    } else if (this.state === 'claimed') {
      this.state = 'over';
      await transaction(() => holdStock(this.holds(), NOW)).then(
        () => {
          this.state = 'held';
        },
        () => abandonStock(this.id, this.demand, NOW),
      );
    } else if (this.state === 'held') {
      this.state = 'kept';
      await keepStock(
        this.id,
        this.demand.map(({ variant }) => variant),
      );
    } else if (this.state === 'kept') {
      await transaction(async () => {
        if (last === 'commit') await commitStock(this.order);
        else await releaseStock(this.order, NOW);
      });
    }
  }

  private holds() {
    const { id: checkout, order } = this;
    const rest = { buyer: newId<'user'>(), product: newId<'product'>(), shop: newId<'shop'>() };
    return this.demand.map((one) => ({ ...one, ...rest, checkout, order, expiresAt: LATER }));
  }
}
const refused = (error: { code?: string }): void => {
  if (error.code !== 'sold_out') throw error;
};

const CHECKOUTS = 5;
const which = fc.nat(CHECKOUTS - 1);
const quantities = fc.tuple(fc.nat(3), fc.nat(3)).filter(([a, b]) => a + b > 0);
const last = fc.constantFrom('commit' as const, 'release' as const);
const event = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('step' as const), which, last }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('at once' as const),
      several: fc.uniqueArray(which, { minLength: 2 }),
      last,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recover' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), which }) },
);

describe('stock', () => {
  test('is neither lost nor made, however checkouts interleave, die and are recovered', async () => {
    const until = Date.now() + 60_000;
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.nat(8), fc.nat(8)),
        fc.array(quantities, { minLength: CHECKOUTS, maxLength: CHECKOUTS }),
        fc.array(event, { minLength: 5, maxLength: 40 }),
        async (initial, wishes, events) => {
          if (Date.now() > until) return;
          ran += 1;
          const variants = [await stocked(initial[0]), await stocked(initial[1])] as const;
          const checkouts = wishes.map(
            ([first, second]) =>
              new Checkout(
                [
                  { variant: variants[0], quantity: first },
                  { variant: variants[1], quantity: second },
                ].filter(({ quantity }) => quantity > 0),
              ),
          );
          const dead = new Set<number>();
          const go = async (one: number, end: 'commit' | 'release') => {
            if (!dead.has(one)) await checkouts[one]?.step(end);
          };
          for (const one of events) {
            if (one.do === 'step') await go(one.which, one.last);
            else if (one.do === 'at once')
              await Promise.all(one.several.map((each) => go(each, one.last)));
            else if (one.do === 'die') dead.add(one.which);
            else await recoverAll();
            expect(await left(variants[0])).toBeGreaterThanOrEqual(0);
            expect(await left(variants[1])).toBeGreaterThanOrEqual(0);
          }
          await recoverAll();
          for (const [index, variant] of variants.entries()) {
            const { available, claims } = await variantNow(variant);
            expect(claims).toEqual([]);
            expect(available + (await kept(variant))).toBe(initial[index]);
          }
        },
      ),
      { numRuns: 60 },
    );
    expect(ran).toBeGreaterThan(5);
  });

  test('goes to one of twenty who claim the last piece at once', async () => {
    const variant = await stocked(1);
    const claim = () => claimStock(newId(), [{ variant, quantity: 1 }], NOW);

    const claimed = await Promise.allSettled(Array.from({ length: 20 }, claim));

    expect(claimed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await left(variant)).toBe(0);
  });

  test('is claimed for all that a checkout wants of one variant together', async () => {
    const variant = await stocked(3);
    const twice = [
      { variant, quantity: 2 },
      { variant, quantity: 2 },
    ];

    const claimed = claimStock(newId(), twice, NOW);

    await expect(claimed).rejects.toMatchObject({
      code: 'sold_out',
      facts: { current: [{ variantId: variant.toHexString(), wanted: 4, available: 3 }] },
    });
    expect(await left(variant)).toBe(3);
  });

  test('is given back in whole when one of the variants is sold out', async () => {
    const variants = [await stocked(5), await stocked(0), await stocked(5)];
    const demand = variants.map((variant) => ({ variant, quantity: 2 }));

    await expect(claimStock(newId(), demand, NOW)).rejects.toMatchObject({ code: 'sold_out' });

    expect(await Promise.all(variants.map(left))).toEqual([5, 0, 5]);
    expect(await staleStockClaims(LATER, 10)).toEqual([]);
  });

  test('is not claimed of what is no longer offered', async () => {
    const variant = await stocked(5);
    await ProductVariants.updateOne({ _id: variant }, { $set: { status: 'archived' } });

    const claimed = claimStock(newId(), [{ variant, quantity: 1 }], NOW);

    await expect(claimed).rejects.toMatchObject({ facts: { current: [{ available: 0 }] } });
  });

  test('of a dead checkout is given back after two minutes, and its late transaction fails', async () => {
    const variant = await stocked(4);
    const late = new Checkout([{ variant, quantity: 3 }]);
    await late.step('commit');
    expect(await staleStockClaims(new Date(NOW.getTime() + minutes(1)), 10)).toEqual([]);

    await recoverAll();

    expect(await left(variant)).toBe(4);
    await late.step('commit');
    expect(late.state).toBe('over');
    expect([await left(variant), await kept(variant)]).toEqual([4, 0]);
  });

  test('that was held by a checkout which died after it stays held', async () => {
    const variant = await stocked(4);
    const checkout = new Checkout([{ variant, quantity: 3 }]);
    await checkout.step('commit');
    await checkout.step('commit');

    await recoverAll();

    expect([await left(variant), await kept(variant)]).toEqual([1, 3]);
    expect((await variantNow(variant)).claims).toEqual([]);
  });

  test('is released once, and comes back once when it was sold', async () => {
    const variant = await stocked(4);
    const checkout = new Checkout([{ variant, quantity: 3 }]);
    for (const _ of ['claim', 'hold', 'keep']) await checkout.step('release');

    const release = () => transaction(() => releaseStock(checkout.order, NOW));
    await Promise.all([release(), release()]);
    expect(await left(variant)).toBe(4);

    await transaction(() => restock(variant, 2, NOW));
    expect(await left(variant)).toBe(6);
    expect(await transaction(() => commitStock(checkout.order))).toBe(false);
  });
});
