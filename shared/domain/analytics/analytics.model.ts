import {
  collection,
  date,
  oneOf,
  requiredDate,
  requiredText,
  requiredWhole,
} from '#platform/collection.ts';

export const BUCKETS = ['hour', 'day'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** One number about one hour or one day. */
export interface Analytics {
  readonly scope: 'platform';
  /** `count:order.paid`, or `volume:payment:USD` in minor units. */
  readonly metric: string;
  readonly bucket: Bucket;
  /** Where the hour or the day begins, in UTC. */
  readonly at: Date;
  readonly value: number;
  /** Hours are forgotten after 90 days; days are kept for three years. */
  readonly expiresAt: Date;
}

export const AnalyticsRows = collection<Analytics>('Analytics', {
  fields: {
    scope: oneOf(['platform'], 'platform'),
    metric: requiredText,
    bucket: oneOf(BUCKETS),
    at: requiredDate,
    value: requiredWhole,
    expiresAt: date,
  },
  indexes: [
    [{ scope: 1, bucket: 1, at: 1, metric: 1 }, { unique: true }], // keep, stored
    [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
  ],
  personalData: 'none',
});
