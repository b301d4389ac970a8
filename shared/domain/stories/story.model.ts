import type { ContentMedia } from '#domain/content/contents.ts';
import {
  collection,
  date,
  mixed,
  oneOf,
  requiredDate,
  requiredRef,
  requiredText,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const STORY_STATUSES = [
  'processing',
  'live',
  'expired',
  'deleted',
  'rejected',
  'failed',
] as const;
export type StoryStatus = (typeof STORY_STATUSES)[number];

export const STORY_AUDIENCES = ['public', 'followers', 'friends'] as const;
export type StoryAudience = (typeof STORY_AUDIENCES)[number];

export interface Story {
  readonly author: Id<'user'>;
  readonly asset: Id<'media'>;
  readonly audience: StoryAudience;
  readonly caption: string;
  /** `expired` is written late, by a job: whether a story is over is told by `expiresAt` alone. */
  readonly status: StoryStatus;
  readonly media: ContentMedia;
  readonly publishedAt?: Date;
  /** 24 hours after it was published, to the millisecond; of one that was not, when it is given up. */
  readonly expiresAt: Date;
  /** When its objects are deleted: 48 hours after its end, so that a report can still be looked into. */
  readonly purgeAt?: Date;
  readonly failureCode?: string;
  /** The request that made it, so that a repeat of that request finds it. */
  readonly operation: string;
}

export const Stories = collection<Story>('Story', {
  fields: {
    author: requiredRef('User'),
    asset: requiredRef('MediaAsset'),
    audience: oneOf(STORY_AUDIENCES, 'followers'),
    caption: { ...text, default: '' },
    status: oneOf(STORY_STATUSES, 'processing'),
    media: { ...mixed, default: () => ({}) },
    publishedAt: date,
    expiresAt: requiredDate,
    purgeAt: date,
    failureCode: text,
    operation: requiredText,
  },
  indexes: [
    [{ author: 1, status: 1, expiresAt: -1, _id: -1 }], // liveStoriesOf
    [{ asset: 1 }, { unique: true }], // createStory, settleStory
    [{ status: 1, expiresAt: 1, _id: 1 }], // storiesOver
    [{ purgeAt: 1, _id: 1 }], // storiesToPurge
  ],
  personalData: { owner: ['author'], erase: 'delete' },
});
