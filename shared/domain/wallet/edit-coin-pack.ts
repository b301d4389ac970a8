import { z } from 'zod';
import { line } from '#domain/users/words.ts';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import { AmountMinor } from '#platform/money.ts';
import { type Coin, Coins } from './coin.model.ts';
import { CoinPack, coinPacks, toCoinPack } from './coins.ts';

/** A pack of coins as staff describes it. */
export const CoinPackInput = z.strictObject({
  kind: z.literal('coin'),
  coins: z.int().min(1).max(10_000_000),
  /** Coins that come on top. */
  bonus: z.int().min(0).max(10_000_000).default(0),
  /** Minor units by currency. */
  prices: z
    .record(z.string().regex(/^[A-Z]{3}$/), AmountMinor)
    .refine((prices) => Object.keys(prices).length > 0, 'needs a price')
    .refine((prices) => Object.keys(prices).length <= 50, 'at most 50 currencies'),
  storeProductIds: z
    .partialRecord(z.enum(['apple', 'google']), z.string().regex(/^[\w.]{1,100}$/))
    .default({}),
  /** Whether it is sold. */
  active: z.boolean().default(true),
  reason: line(500),
});

/** A pack as staff sees it. */
export const CoinPackItem = CoinPack.extend({ active: z.boolean() });

export const toCoinPackItem = (pack: Coin & Stored): z.infer<typeof CoinPackItem> => ({
  ...toCoinPack(pack),
  active: pack.active,
});

/**
 * Makes the pack of this code or changes it, in the open transaction; other instances follow within
 * half a minute.
 */
export async function saveCoinPack(code: string, input: z.infer<typeof CoinPackInput>) {
  if (!inTransaction()) throw new Error('saveCoinPack() must be called inside transaction()');
  const { kind: _, reason: __, ...facts } = input;
  const before = await Coins.findOne({ code }).lean<Coin & Stored>();
  const after = await Coins.findOneAndUpdate(
    { code },
    { $set: facts as never },
    { upsert: true, returnDocument: 'after', setDefaultsOnInsert: true },
  ).lean<Coin & Stored>();
  if (!after) throw new Error('the pack was not saved');
  coinPacks.forget();
  return { before, after };
}
