import {
  collection,
  date,
  oneOf,
  part,
  requiredRef,
  requiredText,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const CAPTION_SOURCES = ['auto', 'edited', 'uploaded', 'translated'] as const;
export type CaptionSource = (typeof CAPTION_SOURCES)[number];

export const CAPTION_STATUSES = [
  'requested',
  'running',
  'ready',
  'edited',
  'empty',
  'failed',
] as const;
export type CaptionStatus = (typeof CAPTION_STATUSES)[number];

export interface Caption {
  readonly content: Id<'content'>;
  readonly creator: Id<'user'>;
  readonly asset: Id<'media'>;
  /** As in `en` or `pt-BR`. */
  readonly language: string;
  readonly source: CaptionSource;
  readonly status: CaptionStatus;
  /** What is shown and when, in seconds. */
  readonly segments: readonly {
    readonly start: number;
    readonly end: number;
    readonly text: string;
  }[];
  /** Everything that is said, for the search. */
  readonly text: string;
  readonly vttObject?: string;
  /** What the recogniser calls the work it does for us. */
  readonly operation?: string;
  readonly attempts: number;
  /** Google's name for what went wrong. */
  readonly failure?: string;
  readonly readyAt?: Date;
}

const seconds = { type: Number, required: true, min: 0 } as const;

export const Captions = collection<Caption>('Caption', {
  fields: {
    content: requiredRef('Content'),
    creator: requiredRef('User'),
    asset: requiredRef('MediaAsset'),
    language: requiredText,
    source: oneOf(CAPTION_SOURCES, 'auto'),
    status: oneOf(CAPTION_STATUSES, 'requested'),
    segments: { type: [part({ start: seconds, end: seconds, text: requiredText })], default: [] },
    text: { ...text, default: '' },
    vttObject: text,
    operation: text,
    attempts: { ...whole, default: 0 },
    failure: text,
    readyAt: date,
  },
  indexes: [
    [{ content: 1, language: 1 }, { unique: true }], // captionTracksOf, the owner's tracks
    [{ text: 'text' }, { language_override: 'textLanguage', default_language: 'none' }], // contentsSaying
    [{ status: 1, updatedAt: 1, _id: 1 }], // mediaWatchdog: stuck captions
  ],
  personalData: { owner: ['creator'], erase: 'delete' },
});
