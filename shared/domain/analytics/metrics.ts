import { z } from 'zod';
import { after, days, hours } from '#platform/clock.ts';
import { ValidationFailed } from '#platform/problem.ts';
import type { Bucket } from './analytics.model.ts';
import { measure, type Point, startOf, stored } from './rollup.ts';

/** One metric over a period. Steps in which nothing happened have no point. */
export const Metric = z.object({
  /** `count:order.paid`, or `volume:payment:USD`. */
  name: z.string(),
  /** What `value` is in: things that happened, or minor units of the currency in the name. */
  unit: z.enum(['events', 'minor']),
  total: z.int(),
  points: z.array(z.object({ at: z.iso.datetime(), value: z.int() })),
});
export type Metric = z.infer<typeof Metric>;

/** The longest period that is answered at once. */
const LONGEST_MS: Readonly<Record<Bucket, number>> = { hour: days(31), day: days(366) };
/** What is younger is measured when it is asked for. */
const FRESH_MS = hours(3);

export interface Period {
  readonly from?: Date | undefined;
  /** Exclusive; now unless said. */
  readonly to?: Date | undefined;
  readonly granularity: Bucket;
}

/**
 * The metrics of the platform: kept ones, and what the last hours have brought since. Throws
 * `ValidationFailed` for a period that is too long or runs backwards.
 */
export async function metrics(period: Period, now: Date): Promise<Metric[]> {
  const { granularity } = period;
  const to = period.to ?? now;
  const from = startOf(granularity, period.from ?? after(to, -days(7)));
  const length = to.getTime() - from.getTime();
  if (length <= 0 || length > LONGEST_MS[granularity])
    throw new ValidationFailed({
      field: 'from',
      details: [`from: up to ${LONGEST_MS[granularity] / days(1)} days before to`],
    });
  const fresh = startOf('hour', after(now, -FRESH_MS));
  const today = startOf('day', fresh);
  const kept =
    granularity === 'day'
      ? [
          ...(await stored('day', from, earlier(to, today))),
          ...(await stored('hour', later(from, today), earlier(to, fresh))),
        ]
      : await stored('hour', from, earlier(to, fresh));
  const end = after(startOf('hour', earlier(to, now)), hours(1));
  const measured = end > fresh ? await measure(later(from, fresh), end) : [];
  return gathered([...kept, ...measured], granularity);
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
const later = (one: Date, other: Date): Date => (one > other ? one : other);

function gathered(points: readonly Point[], bucket: Bucket): Metric[] {
  const byName = new Map<string, Map<string, number>>();
  for (const { metric, at, value } of points) {
    const series = byName.get(metric) ?? new Map<string, number>();
    const start = startOf(bucket, at).toISOString();
    byName.set(metric, series.set(start, (series.get(start) ?? 0) + value));
  }
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, series]) => ({
      name,
      unit: name.startsWith('volume:') ? ('minor' as const) : ('events' as const),
      total: [...series.values()].reduce((sum, value) => sum + value, 0),
      points: [...series]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([at, value]) => ({ at, value })),
    }));
}
