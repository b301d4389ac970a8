import { z } from 'zod';
import { canSee, privateAmong, type Relation, relationOf } from '#domain/users/relations.ts';
import { UserCard } from '#domain/users/users.ts';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { publicUrl } from '#platform/storage.ts';
import {
  CONTENT_STATUSES,
  type Content,
  type ContentMedia,
  Contents,
  VISIBILITIES,
} from './content.model.ts';

export type { ContentMedia } from './content.model.ts';

/** Who may see a content once it is published. */
export const Visibility = z.enum(VISIBILITIES);

export type StoredContent = Content & Stored;
export type ContentId = Id<'content'>;
type Seen = Pick<Content, 'creator' | 'status' | 'visibility'>;

/** Whether somebody who stands so to the creator may see it: the one rule of this room. */
export const canViewAs = (relation: Relation, { status, visibility }: Seen): boolean =>
  relation.self ? status !== 'deleted' : status === 'published' && canSee(relation, visibility);

export async function canView(viewer: Id<'user'> | undefined, content: Seen): Promise<boolean> {
  if (sameId(content.creator, viewer)) return content.status !== 'deleted';
  if (content.status !== 'published' || content.visibility === 'private') return false;
  return canViewAs(await relationOf(viewer, content.creator), content);
}

/** A content that the viewer may see. Throws `NotFound` for any other. */
export async function visibleContent(
  viewer: Id<'user'> | undefined,
  id: ContentId,
): Promise<StoredContent> {
  const content = await Contents.findById(id).lean();
  if (!content || !(await canView(viewer, content))) throw new NotFound();
  return content;
}

/** A content that was published and that the viewer may see: what can be liked, viewed and commented. */
export async function publishedContent(
  viewer: Id<'user'> | undefined,
  id: ContentId,
): Promise<StoredContent> {
  const content = await visibleContent(viewer, id);
  if (content.status !== 'published') throw new NotFound();
  return content;
}

export async function isVisibleTo(viewer: Id<'user'> | undefined, id: Id): Promise<boolean> {
  const content = await Contents.findById(id, { creator: 1, status: 1, visibility: 1 }).lean();
  return content !== null && canView(viewer, content);
}

interface Look {
  readonly viewer: Id<'user'>;
  readonly content: ContentId;
}

/**
 * Who made these contents, in the order asked for; null for what is not published or what that
 * viewer may not see. Two queries for all that is public, whoever has blocked whom aside.
 */
export async function creatorsSeen(looks: readonly Look[]): Promise<(Id<'user'> | null)[]> {
  if (looks.length === 0) return [];
  const wanted = looks.map(({ content }) => content);
  const fields = { creator: 1, status: 1, visibility: 1 } as const;
  const rows = await Contents.find({ _id: { $in: wanted }, status: 'published' }, fields).lean();
  const contents = new Map(rows.map((row) => [row._id.toHexString(), row]));
  const closed = await privateAmong(rows.map(({ creator }) => creator));
  const creators: (Id<'user'> | null)[] = [];
  for (const { viewer, content } of looks) {
    const found = contents.get(content.toHexString());
    const open = found?.visibility === 'public' && !closed.has(found.creator.toHexString());
    const seen = found && (open || (await canView(viewer, found)));
    creators.push(seen ? found.creator : null);
  }
  return creators;
}

/** The owner's content, deleted ones aside. Throws `NotFound` for anybody else's. */
export async function contentOwnedBy(owner: Id<'user'>, id: ContentId): Promise<StoredContent> {
  const content = await Contents.findOne({
    _id: id,
    creator: owner,
    status: { $ne: 'deleted' },
  }).lean();
  if (!content) throw new NotFound();
  return content;
}

export const contentById = (id: ContentId): Promise<StoredContent | null> =>
  Contents.findById(id).lean().exec();

const Urls = z.object({
  videoUrl: z.string().nullable(),
  hlsUrl: z.string().nullable(),
  posterUrl: z.string().nullable(),
  previewUrl: z.string().nullable(),
  imageUrl: z.string().nullable(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  durationSeconds: z.number().nullable(),
});

const urlOf = (object: string | undefined): string | null => (object ? publicUrl(object) : null);

/** Where the public finds what a content shows; all null until it is published. */
export const urlsOf = (media: ContentMedia): z.infer<typeof Urls> => ({
  videoUrl: urlOf(media.video),
  hlsUrl: urlOf(media.hls),
  posterUrl: urlOf(media.poster ?? media.image),
  previewUrl: urlOf(media.preview),
  imageUrl: urlOf(media.image),
  width: media.width ?? null,
  height: media.height ?? null,
  durationSeconds: media.durationMs === undefined ? null : media.durationMs / 1000,
});

const Counted = z.object({ viewCount: z.int(), likeCount: z.int(), commentCount: z.int() });

export const shownCounts = ({ views, likes, comments }: Content['counts']) => ({
  viewCount: views,
  likeCount: likes,
  commentCount: comments,
});

/** A content in a list. */
export const ContentCard = z.object({
  id: IdText,
  caption: z.string(),
  ...Urls.shape,
  creator: UserCard.pick({ id: true, username: true, avatar: true }),
  hashtags: z.array(z.string()),
  ...Counted.shape,
  /** Whether the viewer likes it; left out for guests. */
  liked: z.boolean().optional(),
  publishedAt: z.iso.datetime(),
});
export type ContentCard = z.infer<typeof ContentCard>;

/** The fields `toContentCard` reads, as a projection. */
export const CARD_FIELDS = {
  creator: 1,
  caption: 1,
  media: 1,
  hashtags: 1,
  counts: 1,
  status: 1,
  visibility: 1,
  publishedAt: 1,
} as const;
export type CardFacts = Pick<StoredContent, '_id' | keyof typeof CARD_FIELDS> & {
  readonly publishedAt: Date;
};

export const toContentCard = (
  content: CardFacts,
  creator: Pick<UserCard, 'id' | 'username' | 'avatar'>,
): ContentCard => ({
  id: content._id.toHexString(),
  caption: content.caption,
  ...urlsOf(content.media),
  creator: { id: creator.id, username: creator.username, avatar: creator.avatar },
  hashtags: [...content.hashtags],
  ...shownCounts(content.counts),
  publishedAt: content.publishedAt.toISOString(),
});

/** A content by itself, as its audience sees it. */
export const ContentDetail = z.object({
  id: IdText,
  status: z.enum(CONTENT_STATUSES),
  visibility: Visibility,
  caption: z.string(),
  ...Urls.shape,
  creator: UserCard,
  hashtags: z.array(z.string()),
  mentions: z.array(z.string()),
  labels: z.object({ ai: z.boolean(), ad: z.boolean(), sensitive: z.boolean() }),
  allow: z.object({ comments: z.boolean(), duet: z.boolean(), download: z.boolean() }),
  language: z.string().nullable(),
  ...Counted.shape,
  createdAt: z.iso.datetime(),
  publishedAt: z.iso.datetime().nullable(),
});

export const toContentDetail = (
  content: StoredContent,
  creator: UserCard,
): z.infer<typeof ContentDetail> => ({
  id: content._id.toHexString(),
  status: content.status,
  visibility: content.visibility,
  caption: content.caption,
  ...urlsOf(content.media),
  creator,
  hashtags: [...content.hashtags],
  mentions: [...content.mentions],
  labels: { ...content.labels },
  allow: { ...content.allow },
  language: content.language ?? null,
  ...shownCounts(content.counts),
  createdAt: content.createdAt.toISOString(),
  publishedAt: content.publishedAt?.toISOString() ?? null,
});
