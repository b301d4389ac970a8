import { z } from 'zod';

/** The largest amount one operation may move, in minor units: ten million of a two-decimal currency. */
export const MAX_AMOUNT_MINOR = 1_000_000_000;

/** A positive amount in minor units, as a request may carry it. */
export const AmountMinor = z.int().min(1).max(MAX_AMOUNT_MINOR);

/**
 * Splits a whole amount in proportion to whole weights and loses nothing: every part is rounded
 * down and the remaining units go to the largest remainders, the first ones on a tie.
 */
export function allocate(amountMinor: number, weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0)
    throw new RangeError(`Not an amount: ${amountMinor}`);
  if (total <= 0 || weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0))
    throw new RangeError(`Not weights: ${weights.join(', ')}`);
  const exact = weights.map((weight) => BigInt(amountMinor) * BigInt(weight));
  const parts = exact.map((share) => Number(share / BigInt(total)));
  const left = amountMinor - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((share, index) => ({ index, remainder: share % BigInt(total) }))
    .sort((a, b) => Number(b.remainder - a.remainder) || a.index - b.index);
  for (const { index } of byRemainder.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

/** Basis points of a whole amount, rounded down. */
export const shareOf = (amountMinor: number, bps: number): number =>
  Number((BigInt(amountMinor) * BigInt(bps)) / 10_000n);
