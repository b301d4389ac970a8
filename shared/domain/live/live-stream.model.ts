import {
  collection,
  date,
  flag,
  mixed,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  type Step,
  text,
  timeline,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const LIVE_STATUSES = [
  'scheduled',
  'starting',
  'live',
  'interrupted',
  'ended',
  'terminated',
] as const;
export type LiveStatus = (typeof LIVE_STATUSES)[number];

/** A product that is shown, at the price it has while the stream runs. */
export interface ShowcaseItem {
  readonly product: Id<'product'>;
  readonly variant?: Id<'variant'>;
  readonly livePriceMinor?: number;
  readonly stockCap?: number;
  readonly sold: number;
  readonly pinned: boolean;
}

export interface LiveSettings {
  /** Between two lines of one person in the chat. */
  readonly slowModeSeconds: number;
  readonly followersOnly: boolean;
  /** Words that are not let through in the chat. */
  readonly terms: readonly string[];
}

/** Refreshed now and then while it runs, and for good when it has ended. */
export interface LiveStats {
  /** Who watches now, and how many that ever were at once. */
  readonly viewers: number;
  readonly peak: number;
  /** Different people who watched. */
  readonly unique: number;
  readonly coins: number;
  readonly diamonds: number;
}

export interface LiveStream {
  readonly broadcaster: Id<'user'>;
  readonly title: string;
  readonly category?: string;
  readonly status: LiveStatus;
  /** What it is called at the video provider. */
  readonly channel: string;
  readonly scheduledFor?: Date;
  /** When its broadcaster went on air the first time. */
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** When we last knew that its broadcaster was there. */
  readonly lastHeartbeatAt?: Date;
  /** What the broadcaster’s device said of the picture at that time. */
  readonly quality?: Readonly<Record<string, number | undefined>>;
  readonly showcase: readonly ShowcaseItem[];
  readonly moderators: readonly Id<'user'>[];
  readonly settings: LiveSettings;
  readonly stats: LiveStats;
  /** Staff stopped it: what it earned is not paid out before somebody has looked at it. */
  readonly earningsHeld?: true;
  /** Present while it is starting, live or interrupted: nobody has two of those. */
  readonly open?: true;
  readonly version: number;
  readonly timeline: readonly Step<LiveStatus>[];
}

const count = { ...whole, required: true, default: 0, min: 0 } as const;

export const LiveStreams = collection<LiveStream>('LiveStream', {
  fields: {
    broadcaster: requiredRef('User'),
    title: requiredText,
    category: text,
    status: oneOf(LIVE_STATUSES),
    channel: requiredText,
    scheduledFor: date,
    startedAt: date,
    endedAt: date,
    lastHeartbeatAt: date,
    quality: mixed,
    showcase: {
      type: [
        part({
          product: requiredRef('Product'),
          variant: ref('ProductVariant'),
          livePriceMinor: { ...whole, min: 1 },
          stockCap: { ...whole, min: 0 },
          sold: count,
          pinned: flag,
        }),
      ],
      default: [],
    },
    moderators: { type: [ref('User')], default: [] },
    settings: {
      type: part({
        slowModeSeconds: count,
        followersOnly: flag,
        terms: { type: [String], default: [] },
      }),
      default: {},
    },
    stats: {
      type: part({ viewers: count, peak: count, unique: count, coins: count, diamonds: count }),
      default: {},
    },
    earningsHeld: { type: Boolean },
    open: { type: Boolean },
    version,
    timeline,
  },
  indexes: [
    // one open stream each; mayBroadcast
    [{ broadcaster: 1 }, { unique: true, partialFilterExpression: { open: true } }],
    [{ broadcaster: 1, status: 1, scheduledFor: 1 }], // scheduleStream
    [{ broadcaster: 1, _id: 1 }, { partialFilterExpression: { earningsHeld: true } }], // heldDiamonds
    [{ status: 1, 'stats.viewers': -1, _id: -1 }], // listStreams
    [{ status: 1, scheduledFor: 1, _id: 1 }], // listStreams, staleStreams
    [{ status: 1, lastHeartbeatAt: 1, _id: 1 }], // staleStreams
    [{ open: 1, startedAt: 1, _id: 1 }, { partialFilterExpression: { open: true } }], // staleStreams
    [{ createdAt: 1 }, { expireAfterSeconds: 2 * 365 * 86_400 }],
  ],
  personalData: { owner: ['broadcaster'], erase: 'delete' },
});
