import {
  collection,
  date,
  flag,
  mixed,
  oneOf,
  part,
  requiredRef,
  requiredText,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const CONTENT_STATUSES = [
  'draft',
  'processing',
  'scheduled',
  'published',
  'hidden',
  'removed',
  'deleted',
  'rejected',
  'failed',
] as const;
export type ContentStatus = (typeof CONTENT_STATUSES)[number];

export const VISIBILITIES = ['public', 'followers', 'friends', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export interface Counts {
  readonly views: number;
  readonly likes: number;
  readonly comments: number;
}

/** Names of objects in the media bucket, as the asset had them when it became ready. */
export interface ContentMedia {
  readonly video?: string;
  readonly image?: string;
  readonly hls?: string;
  readonly poster?: string;
  readonly preview?: string;
  readonly thumbnail?: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

export interface Edit {
  readonly at: Date;
  readonly caption: string;
}

export interface Content {
  readonly creator: Id<'user'>;
  readonly asset: Id<'media'>;
  readonly caption: string;
  readonly status: ContentStatus;
  readonly visibility: Visibility;
  /** Without the sign, lower case. */
  readonly hashtags: readonly string[];
  /** Usernames without the sign, lower case. */
  readonly mentions: readonly string[];
  readonly media: ContentMedia;
  readonly labels: { readonly ai: boolean; readonly ad: boolean; readonly sensitive: boolean };
  readonly allow: {
    readonly comments: boolean;
    readonly duet: boolean;
    readonly download: boolean;
  };
  /** The request that made it, so that a repeat of that request finds it. */
  readonly operation: string;
  readonly wantsCaptions: boolean;
  readonly language?: string;
  /** What the folds have counted; edges they have not seen yet are added when one content is read. */
  readonly counts: Counts;
  readonly score: number;
  readonly publishedAt?: Date;
  readonly deletedAt?: Date;
  /** Why it was rejected or has failed, as the asset says. */
  readonly failureCode?: string;
  readonly edits: readonly Edit[];
}

const count = { ...whole, default: 0, min: 0 } as const;

export const Contents = collection<Content>('Content', {
  fields: {
    creator: requiredRef('User'),
    asset: requiredRef('MediaAsset'),
    caption: { ...text, default: '' },
    status: oneOf(CONTENT_STATUSES, 'processing'),
    visibility: oneOf(VISIBILITIES, 'public'),
    hashtags: [String],
    mentions: [String],
    media: { ...mixed, default: () => ({}) },
    labels: { type: part({ ai: flag, ad: flag, sensitive: flag }), default: () => ({}) },
    allow: {
      type: part({
        comments: { type: Boolean, default: true },
        duet: { type: Boolean, default: true },
        download: { type: Boolean, default: true },
      }),
      default: () => ({}),
    },
    operation: requiredText,
    wantsCaptions: flag,
    language: text,
    counts: { type: part({ views: count, likes: count, comments: count }), default: () => ({}) },
    score: { type: Number, default: 0 },
    publishedAt: date,
    deletedAt: date,
    failureCode: text,
    edits: [part({ at: date, caption: requiredText })],
  },
  indexes: [
    [{ status: 1, visibility: 1, publishedAt: -1, _id: -1 }], // feed: latest
    [{ creator: 1, status: 1, publishedAt: -1, _id: -1 }], // feed: following; a person's grid
    [{ asset: 1 }, { unique: true }], // createContent, settleAsset; an asset is shown once
    [{ hashtags: 1, publishedAt: -1 }], // a tag's page
    [{ status: 1, deletedAt: 1, _id: 1 }, { partialFilterExpression: { status: 'deleted' } }], // contentsToPurge
  ],
  personalData: { owner: ['creator'], erase: 'delete' },
});
