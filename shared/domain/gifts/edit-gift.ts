import { z } from 'zod';
import { line } from '#domain/users/words.ts';
import { inTransaction } from '#platform/database.ts';
import type { GiftRow } from './catalogue.ts';
import { giftCatalogue } from './catalogue.ts';
import { Gifts } from './gift.model.ts';

/** A gift as staff describes it. */
export const GiftInput = z.strictObject({
  kind: z.literal('gift'),
  /** By language; English has to be among them. */
  name: z
    .record(z.string().regex(/^[a-z]{2}$/), line(40).pipe(z.string().min(1)))
    .refine((name) => 'en' in name, 'needs a name in English')
    .refine((name) => Object.keys(name).length <= 30, 'at most 30 languages'),
  coinPrice: z.int().min(1).max(1_000_000),
  /** What its receiver gets, in diamonds. */
  diamondYield: z.int().min(0).max(1_000_000),
  animation: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
  minLevel: z.int().min(0).max(100).default(0),
  /** Whether it is offered. */
  active: z.boolean().default(true),
  reason: line(500),
});

/** A gift as staff sees it. */
export const GiftItem = GiftInput.omit({ kind: true, reason: true }).extend({
  code: z.string(),
  animation: z.string().nullable(),
});

export const toGiftItem = (gift: GiftRow): z.infer<typeof GiftItem> => ({
  code: gift.code,
  name: { ...gift.name },
  coinPrice: gift.coinPrice,
  diamondYield: gift.diamondYield,
  animation: gift.animation ?? null,
  minLevel: gift.minLevel,
  active: gift.active,
});

/**
 * Makes the gift of this code or changes it, in the open transaction; other instances follow within
 * half a minute. Gifts that were given keep what they cost.
 */
export async function saveGift(code: string, input: z.infer<typeof GiftInput>) {
  if (!inTransaction()) throw new Error('saveGift() must be called inside transaction()');
  const { kind: _, reason: __, animation, ...facts } = input;
  const before = await Gifts.findOne({ code }).lean<GiftRow>();
  const after = await Gifts.findOneAndUpdate(
    { code },
    {
      $set: { ...facts, ...(animation !== undefined && { animation }) },
      ...(animation === undefined && { $unset: { animation: 1 } }),
    },
    { upsert: true, returnDocument: 'after', setDefaultsOnInsert: true },
  ).lean<GiftRow>();
  if (!after) throw new Error('the gift was not saved');
  giftCatalogue.forget();
  return { before, after };
}
