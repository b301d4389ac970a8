import type { PipelineStage } from 'mongoose';
import { z } from 'zod';
import { IdText } from '#platform/id.ts';

/** Facets and totals are counted over so many of the best matches. */
export const COUNTED = 1000;
const MOST_CATEGORIES = 20;

/** Where one band of prices ends and the next begins, in minor units. */
const BANDS = [0, 1000, 2500, 5000, 10_000, 25_000, 50_000] as const;

export const Facets = z.object({
  categories: z.array(z.object({ categoryId: IdText, count: z.int() })),
  prices: z.array(z.object({ fromMinor: z.int(), belowMinor: z.int().nullable(), count: z.int() })),
  /** At most 1,000. */
  total: z.int(),
});
export type Facets = z.infer<typeof Facets>;

/** The stages of a `$facet` over rows that have `category` and `price`. */
export const counted = {
  categories: [{ $group: { _id: '$category', count: { $sum: 1 } } }],
  prices: [
    {
      $bucket: {
        groupBy: '$price.minMinor',
        boundaries: [...BANDS],
        default: BANDS.at(-1),
        output: { count: { $sum: 1 } },
      },
    },
  ],
  total: [{ $count: 'count' }],
} satisfies Record<string, PipelineStage.FacetPipelineStage[]>;

const Counts = z.object({
  categories: z.array(z.object({ _id: z.unknown(), count: z.int() })),
  prices: z.array(z.object({ _id: z.int(), count: z.int() })),
  total: z.array(z.object({ count: z.int() })),
});

/** What the engine answers to them, in whatever order. */
export function toFacets(answer: unknown): Facets {
  const { categories, prices, total } = Counts.parse(answer);
  return {
    categories: categories
      .map(({ _id, count }) => ({ categoryId: String(_id), count }))
      .sort((one, other) => other.count - one.count || (one.categoryId < other.categoryId ? -1 : 1))
      .slice(0, MOST_CATEGORIES),
    prices: prices
      .map(({ _id, count }) => ({
        fromMinor: _id,
        belowMinor: BANDS.find((edge) => edge > _id) ?? null,
        count,
      }))
      .sort((one, other) => one.fromMinor - other.fromMinor),
    total: total[0]?.count ?? 0,
  };
}
