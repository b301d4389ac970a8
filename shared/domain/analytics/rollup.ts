import { volumesBetween } from '#domain/wallet/volumes.ts';
import { after, days, hours } from '#platform/clock.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { AnalyticsRows, type Bucket } from './analytics.model.ts';

export interface Point {
  readonly metric: string;
  readonly at: Date;
  readonly value: number;
}

const STEP_MS: Readonly<Record<Bucket, number>> = { hour: hours(1), day: days(1) };
const KEPT_MS: Readonly<Record<Bucket, number>> = { hour: days(90), day: days(3 * 365) };

/** The beginning of the hour or day, in UTC, that a moment lies in. */
export const startOf = (bucket: Bucket, moment: Date): Date =>
  new Date(Math.floor(moment.getTime() / STEP_MS[bucket]) * STEP_MS[bucket]);

/** What happened in a period of whole hours, hour by hour: counts of events and volumes of money. */
export async function measure(from: Date, to: Date): Promise<Point[]> {
  const counted = await OutboxEvents.aggregate<{ _id: { type: string; hour: number }; n: number }>([
    {
      $match: { status: { $in: ['pending', 'published'] }, createdAt: { $gte: from, $lt: to } },
    },
    {
      $group: {
        _id: {
          type: '$type',
          hour: { $floor: { $divide: [{ $subtract: ['$createdAt', from] }, STEP_MS.hour] } },
        },
        n: { $sum: 1 },
      },
    },
  ]);
  const moved = await volumesBetween(from, to, STEP_MS.hour);
  return [
    ...counted.map(({ _id: { type, hour }, n }) => ({
      metric: `count:${type}`,
      at: after(from, hour * STEP_MS.hour),
      value: n,
    })),
    ...moved.map(({ what, currency, step, minor }) => ({
      metric: `volume:${what}:${currency}`,
      at: after(from, step * STEP_MS.hour),
      value: minor,
    })),
  ];
}

/** The hours behind the present one are measured again: events may have been committed late. */
const HOURS_BACK = 3;

/** Keeps the numbers of the last hours, and of the day that ended last. Safe to repeat. */
export async function rollUp(now: Date): Promise<number> {
  const hour = startOf('hour', now);
  const points = await measure(after(hour, -HOURS_BACK * STEP_MS.hour), hour);
  await keep('hour', points);
  const today = startOf('day', now);
  const yesterday = after(today, -STEP_MS.day);
  const sums = new Map<string, number>();
  for (const { metric, value } of await stored('hour', yesterday, today))
    sums.set(metric, (sums.get(metric) ?? 0) + value);
  await keep(
    'day',
    [...sums].map(([metric, value]) => ({ metric, at: yesterday, value })),
  );
  return points.length;
}

async function keep(bucket: Bucket, points: readonly Point[]): Promise<void> {
  if (points.length === 0) return;
  await AnalyticsRows.bulkWrite(
    points.map(({ metric, at, value }) => ({
      updateOne: {
        filter: { scope: 'platform' as const, bucket, at, metric },
        update: { $set: { value, expiresAt: after(at, KEPT_MS[bucket]) } },
        upsert: true,
      },
    })),
  );
}

/** Kept numbers of a period, in order. */
export const stored = (bucket: Bucket, from: Date, to: Date): Promise<Point[]> =>
  AnalyticsRows.find(
    { scope: 'platform', bucket, at: { $gte: from, $lt: to } },
    { metric: 1, at: 1, value: 1 },
  )
    .sort({ at: 1, metric: 1 })
    .lean<Point[]>()
    .exec();
