import { guestRelation, type JoinedOwner, joinOwner } from '#domain/users/join-owner.ts';
import { followeesOf, type Relation, relationsOf } from '#domain/users/relations.ts';
import { settingsOf } from '#domain/users/users.ts';
import { after, days, seconds } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import {
  decodeCursor,
  encodeCursor,
  type Filter,
  following,
  MAX_OFFSET,
  offsetOf,
  type Page,
  type PageQuery,
  type Sort,
  sortKeys,
} from '#platform/page.ts';
import { Contents } from './content.model.ts';
import {
  CARD_FIELDS,
  type CardFacts,
  type ContentCard,
  canViewAs,
  toContentCard,
} from './contents.ts';
import { likedAmong } from './likes.ts';

export type FeedMode = 'foryou' | 'following' | 'latest';

/** `following` looks at the accounts followed last, and not back for ever: a page stays one bounded query. */
const MOST_FOLLOWEES = 500;
const HORIZON_MS = days(90);
/** How often a page is filled up when what was read may not be shown. */
const ROUNDS = 3;

const SORT: Sort = { field: 'publishedAt', direction: -1 };

type Row = CardFacts & { readonly owner: readonly JoinedOwner[] };

interface Source {
  readonly where: Filter;
  readonly scope: string;
  readonly total: (now: Date) => Promise<number>;
}

/** One page of what the viewer may see, latest first; each content once, whatever is published meanwhile. */
export async function feedPage(
  viewer: Id<'user'> | undefined,
  mode: FeedMode,
  query: PageQuery,
  now: Date,
): Promise<Page<ContentCard>> {
  const source = viewer && mode === 'following' ? await followed(viewer, now) : LATEST;
  const judge = viewer ? await judgeFor(viewer) : judgeForGuests;
  const { shown, last } = await fill(source, query, judge);
  const liked = viewer
    ? await likedAmong(
        viewer,
        shown.map(({ _id }) => _id),
      )
    : undefined;
  const items = shown.map((row) => ({
    ...toContentCard(row, creatorOf(row)),
    ...(liked && { liked: liked.has(row._id.toHexString()) }),
  }));
  const nextCursor = last
    ? encodeCursor(source.scope, { value: last.publishedAt, id: last._id })
    : null;
  const { page, limit, cursor } = query;
  if (cursor !== undefined) return { items, pagination: { page, limit }, nextCursor };
  const total = page === 1 && !last ? items.length : await source.total(now);
  return {
    items,
    pagination: { page, limit, total, pages: Math.ceil(total / limit) },
    nextCursor,
  };
}

const LATEST: Source = {
  where: { status: 'published', visibility: 'public' },
  scope: 'feed:latest',
  total: (now) => publicTotal(now),
};

async function followed(viewer: Id<'user'>, now: Date): Promise<Source> {
  const creators = await followeesOf(viewer, MOST_FOLLOWEES);
  const where = {
    creator: { $in: creators },
    status: 'published',
    visibility: { $in: ['public', 'followers', 'friends'] },
    publishedAt: { $gte: after(now, -HORIZON_MS) },
  };
  return {
    where,
    scope: `feed:following:${viewer.toHexString()}`,
    total: () =>
      Contents.countDocuments(where as never)
        .limit(MAX_OFFSET)
        .exec(),
  };
}

/** How many public contents there are, as of the last half minute: nobody pages by that number. */
const TOTAL_FRESH_MS = seconds(30);
let known: { readonly total: number; readonly until: Date } | undefined;

async function publicTotal(now: Date): Promise<number> {
  if (known && known.until > now) return known.total;
  const total = await Contents.countDocuments(LATEST.where as never).limit(MAX_OFFSET);
  known = { total, until: after(now, TOTAL_FRESH_MS) };
  return total;
}

type Judge = (rows: readonly Row[]) => Promise<(row: Row) => boolean>;

/**
 * Reads on behind what may not be shown, for some rounds. A page that is still short is none the less followed
 * by a cursor, which stands behind what was looked at and not only behind what was shown. A page asked for by
 * its number is its own rows and no others.
 */
async function fill({ where, scope }: Source, query: PageQuery, judge: Judge) {
  const { limit, cursor, page } = query;
  let position = cursor === undefined ? undefined : decodeCursor(scope, cursor);
  let skip = position ? 0 : offsetOf(query);
  const rounds = position || page === 1 ? ROUNDS : 1;
  const shown: Row[] = [];
  let last: Row | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const rows = await read(where, position && following(SORT, position), skip, limit + 1);
    const examined = rows.slice(0, limit);
    const allowed = await judge(examined);
    for (const row of examined) {
      if (shown.length === limit) return { shown, last };
      last = row;
      if (allowed(row)) shown.push(row);
    }
    if (rows.length <= limit || !last) return { shown, last: undefined };
    if (shown.length === limit) return { shown, last };
    position = { value: last.publishedAt, id: last._id };
    skip = 0;
  }
  return { shown, last };
}

const read = (where: Filter, beyond: Filter | undefined, skip: number, limit: number) =>
  Contents.aggregate<Row>([
    { $match: beyond ? { $and: [where, beyond] } : where },
    { $sort: sortKeys(SORT) },
    ...(skip > 0 ? [{ $skip: skip }] : []),
    { $limit: limit },
    { $project: CARD_FIELDS },
    joinOwner('creator'),
  ]).exec();

const judgeForGuests: Judge = async () => (row) => canViewAs(guestRelation(row.owner[0]), row);

async function judgeFor(viewer: Id<'user'>): Promise<Judge> {
  const { mutedUsers, mutedKeywords } = await settingsOf(viewer);
  const muted = new Set(mutedUsers.map((user) => user.toHexString()));
  const words = mutedKeywords.map((word) => word.toLowerCase());
  return async (rows) => {
    const relations = await relationsOf(
      viewer,
      rows.map(({ creator }) => creator),
    );
    return (row) => {
      const creator = row.creator.toHexString();
      const relation: Relation = relations.get(creator) ?? guestRelation(undefined);
      const caption = row.caption.toLowerCase();
      return (
        !muted.has(creator) &&
        !words.some((word) => caption.includes(word)) &&
        canViewAs(relation, row)
      );
    };
  };
}

const creatorOf = ({ creator, owner: [owner] }: Row) => ({
  id: creator.toHexString(),
  username: owner?.username ?? 'deleted',
  avatar: owner?.avatar ?? null,
});
