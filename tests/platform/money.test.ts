import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate, MAX_AMOUNT_MINOR, shareOf } from '#platform/money.ts';

const amounts = fc.integer({ min: 0, max: MAX_AMOUNT_MINOR });
const weights = fc
  .array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 20 })
  .filter((all) => all.some((weight) => weight > 0));

describe('allocate', () => {
  test('makes and loses nothing', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, shares) => {
        const parts = allocate(amount, shares);

        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(amount);
        expect(parts.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true);
      }),
    );
  });

  test('gives each part its exact share, rounded down, and at most one unit more', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, shares) => {
        const total = shares.reduce((sum, share) => sum + BigInt(share), 0n);

        allocate(amount, shares).forEach((part, index) => {
          const floor = Number((BigInt(amount) * BigInt(shares[index] ?? 0)) / total);
          expect([floor, floor + 1]).toContain(part);
        });
      }),
    );
  });

  test('refuses amounts and weights that are not whole and positive', () => {
    for (const call of [
      () => allocate(-1, [1]),
      () => allocate(0.5, [1]),
      () => allocate(1, []),
      () => allocate(1, [0, 0]),
      () => allocate(1, [-1, 2]),
    ])
      expect(call).toThrow(RangeError);
  });
});

describe('shareOf', () => {
  test('is exact and rounded down for any amount and rate', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 10_000 }), (amount, bps) => {
        const part = shareOf(amount, bps);

        expect(part * 10_000).toBeLessThanOrEqual(amount * bps);
        expect((part + 1) * 10_000).toBeGreaterThan(amount * bps);
      }),
    );
    expect(shareOf(Number.MAX_SAFE_INTEGER, 10_000)).toBe(Number.MAX_SAFE_INTEGER);
  });
});
