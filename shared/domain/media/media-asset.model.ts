import {
  collection,
  date,
  flag,
  oneOf,
  part,
  ref,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';
import type { Rendition } from '#platform/ffmpeg-process.ts';
import type { Id } from '#platform/id.ts';
import type { FailureCode } from './media-codes.ts';
import { type MediaPurpose, PURPOSES } from './media-limits.ts';

export const ASSET_STATUSES = [
  'created',
  'uploading',
  'uploaded',
  'validating',
  'processing',
  'ready',
  'rejected',
  'failed',
  'expired',
] as const;
export type AssetStatus = (typeof ASSET_STATUSES)[number];

/** One made file that somebody asks for by itself; the parts of a stream are found through its playlist. */
export interface StoredRendition {
  readonly kind: Rendition['kind'];
  /** Its name in the media bucket. */
  readonly object: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly bitrate: number;
}

/** What the bytes turned out to be, whatever was declared. */
export interface ActualMedia {
  readonly bytes: number;
  readonly mime: string;
  /** In hex. */
  readonly sha256: string;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
  readonly hasAudio?: boolean;
  /** A ready asset of anybody with the same bytes; a hint for moderators, and no verdict. */
  readonly duplicateOf?: Id<'media'>;
}

export interface MediaAsset {
  readonly owner: Id<'user'>;
  readonly purpose: MediaPurpose;
  /** Where the client's bytes wait for processing. */
  readonly bucket: string;
  readonly object: string;
  readonly generation?: string;
  /** The address of the open upload session, sealed: whoever knows it may write. */
  readonly uploadSession?: string;
  readonly declared: {
    readonly bytes: number;
    readonly mime: string;
    readonly sha256?: string | undefined;
    readonly name?: string | undefined;
  };
  readonly actual?: ActualMedia;
  readonly status: AssetStatus;
  readonly failureCode?: FailureCode;
  /** Percent of the work that follows the upload. */
  readonly progress: number;
  readonly attempts: number;
  /** Held by the one who works on it, and renewed while that one is alive. */
  readonly lease?: { readonly token: string; readonly until: Date };
  readonly renditions: readonly StoredRendition[];
  readonly poster?: string;
  /** What is heard, as a recogniser wants it, in the captions bucket. */
  readonly audio?: string;
  readonly moderation: { readonly labels: readonly string[] };
  readonly uploadedAt?: Date;
  readonly readyAt?: Date;
  /** When what is unfinished is given up, or what failed can no longer be tried again. */
  readonly expiresAt?: Date;
}

export const MediaAssets = collection<MediaAsset>('MediaAsset', {
  fields: {
    owner: requiredRef('User'),
    purpose: oneOf(PURPOSES),
    bucket: requiredText,
    object: requiredText,
    generation: text,
    uploadSession: text,
    declared: {
      type: part({ bytes: requiredWhole, mime: requiredText, sha256: text, name: text }),
      required: true,
    },
    actual: part({
      bytes: requiredWhole,
      mime: requiredText,
      sha256: requiredText,
      width: whole,
      height: whole,
      durationMs: whole,
      hasAudio: flag,
      duplicateOf: ref('MediaAsset'),
    }),
    status: oneOf(ASSET_STATUSES, 'created'),
    failureCode: text,
    progress: { ...whole, default: 0 },
    attempts: { ...whole, default: 0 },
    lease: part({ token: requiredText, until: requiredDate }),
    renditions: {
      type: [
        part({
          kind: requiredText,
          object: requiredText,
          contentType: requiredText,
          width: requiredWhole,
          height: requiredWhole,
          bitrate: requiredWhole,
        }),
      ],
      default: [],
    },
    poster: text,
    audio: text,
    moderation: { type: part({ labels: { type: [String], default: [] } }), default: {} },
    uploadedAt: date,
    readyAt: date,
    expiresAt: date,
  },
  indexes: [
    [{ bucket: 1, object: 1 }, { unique: true }], // receiveObject
    [{ owner: 1, createdAt: -1 }], // admit: uploads of the last day
    [{ status: 1, updatedAt: 1, _id: 1 }], // mediaWatchdog: neglected and abandoned
    [{ 'actual.sha256': 1 }], // duplicateOf
    [{ expiresAt: 1, _id: 1 }, { partialFilterExpression: { expiresAt: { $exists: true } } }], // mediaWatchdog: overdue
  ],
  personalData: { owner: ['owner'], hidden: ['uploadSession', 'lease'], erase: 'delete' },
});
