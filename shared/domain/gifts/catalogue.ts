import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { IdText } from '#platform/id.ts';
import { remembered } from '#platform/remembered.ts';
import { type Gift, Gifts } from './gift.model.ts';

export type GiftRow = Gift & Stored;

const MOST_GIFTS = 500;

/** What can be given, the cheapest first. */
export const giftCatalogue = remembered(
  (): Promise<GiftRow[]> =>
    Gifts.find({ active: true })
      .sort({ coinPrice: 1, _id: 1 })
      .limit(MOST_GIFTS)
      .lean<GiftRow[]>()
      .exec(),
);

/** How a gift is named in a request: by its id or by its code. */
export const GiftHandle = z
  .string()
  .regex(/^[a-z0-9-]{2,40}$/)
  .meta({ description: 'The id or the code of a gift of the catalogue.' });

/** The gift behind an id or a code; undefined when it is not offered. */
export const giftNamed = async (handle: string): Promise<GiftRow | undefined> =>
  (await giftCatalogue()).find(({ _id, code }) => code === handle || _id.equals(handle));

/** A gift of the catalogue, in one language. */
export const GiftView = z.object({
  id: IdText,
  code: z.string(),
  name: z.string(),
  coinPrice: z.int(),
  diamondYield: z.int(),
  animation: z.string().nullable(),
  minLevel: z.int(),
});

/** Shows a gift in a language, or in English where it has no name in that. */
export const toGiftView = (gift: GiftRow, language: string): z.infer<typeof GiftView> => ({
  id: gift._id.toHexString(),
  code: gift.code,
  name: gift.name[language] ?? gift.name['en'] ?? gift.code,
  coinPrice: gift.coinPrice,
  diamondYield: gift.diamondYield,
  animation: gift.animation ?? null,
  minLevel: gift.minLevel,
});
