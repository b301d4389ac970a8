import { guestRelation, type JoinedOwner, joinOwner } from '#domain/users/join-owner.ts';
import {
  followeesOf,
  type Relation,
  relationsOf,
  relationsToPublic,
} from '#domain/users/relations.ts';
import { mutesOf } from '#domain/users/users.ts';
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
  type Position,
  type Sort,
  sortKeys,
} from '#platform/page.ts';
import { sharing } from '#platform/share.ts';
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

/** `following` looks at the accounts followed last. */
const MOST_FOLLOWEES = 500;
/**
 * How far back from where a page begins `following` looks, further only when that did not fill it. Contents of
 * many creators in one order are sorted by the engine; this keeps few what it sorts, and in the end bounded.
 */
const REACHES_MS = [days(2), days(14), days(90)];
/** How often a page is filled up when what was read may not be shown. */
const ROUNDS = 3;

const SORT: Sort = { field: 'publishedAt', direction: -1 };

type Row = CardFacts & { readonly owner: readonly JoinedOwner[] };

interface Source {
  readonly scope: string;
  /** Up to so many rows behind a position, or from the top on. */
  readonly read: (position: Position | undefined, skip: number, limit: number) => Promise<Row[]>;
  readonly total: (now: Date) => Promise<number>;
  /** How a viewer stands to the creators of rows, by their ids in hex. */
  readonly relations: (viewer: Id<'user'>, rows: readonly Row[]) => Promise<Map<string, Relation>>;
}

/** One page of what the viewer may see, latest first; each content once, whatever is published meanwhile. */
export function feedPage(
  viewer: Id<'user'> | undefined,
  mode: FeedMode,
  query: PageQuery,
  now: Date,
): Promise<Page<ContentCard>> {
  const make = () => makePage(viewer, mode, query, now);
  if (viewer) return make();
  return amongGuests(`${query.limit} ${query.cursor ?? query.page}`, make);
}

/** All guests see the same, so those who come together share one read. */
const amongGuests = sharing<Page<ContentCard>>();

async function makePage(
  viewer: Id<'user'> | undefined,
  mode: FeedMode,
  query: PageQuery,
  now: Date,
): Promise<Page<ContentCard>> {
  const source = viewer && mode === 'following' ? await followed(viewer, now) : LATEST;
  const judge = viewer ? judgeFor(viewer, source) : judgeForGuests;
  const { shown, last } = await fill(source, query, judge);
  const items = shown.map(({ row, ...seen }) => ({
    ...toContentCard(row, creatorOf(row)),
    ...seen,
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

const PUBLIC: Filter = { status: 'published', visibility: 'public' };

const LATEST: Source = {
  scope: 'feed:latest',
  read: (position, skip, limit) =>
    amongAll(`${position?.value.valueOf()} ${position?.id} ${skip} ${limit}`, () =>
      read(position ? { $and: [PUBLIC, following(SORT, position)] } : PUBLIC, skip, limit),
    ),
  total: (now) => publicTotal(now),
  relations: (viewer, rows) =>
    relationsToPublic(
      viewer,
      rows.flatMap(({ owner }) => owner),
    ),
};

/** What is public is read once for all who come together; what each of them may see is their own matter. */
const amongAll = sharing<Row[]>();

async function followed(viewer: Id<'user'>, now: Date): Promise<Source> {
  const creators = await followeesOf(viewer, MOST_FOLLOWEES);
  const back = (from: Date, reachMs: number) => ({
    creator: { $in: creators },
    status: 'published',
    publishedAt: { $gte: after(from, -reachMs) },
  });
  const furthest = REACHES_MS.at(-1) ?? 0;
  return {
    scope: `feed:following:${viewer.toHexString()}`,
    read: async (position, skip, limit) => {
      let rows: Row[] = [];
      for (const reachMs of creators.length > 0 ? REACHES_MS : []) {
        const where = back(position?.value instanceof Date ? position.value : now, reachMs);
        const beyond = position ? [following(SORT, position)] : [];
        rows = await read({ $and: [where, ...beyond] }, skip, limit);
        if (rows.length === limit) break;
      }
      return rows;
    },
    total: () =>
      Contents.countDocuments(back(now, furthest) as never)
        .limit(MAX_OFFSET)
        .exec(),
    relations: (reader, rows) =>
      relationsOf(
        reader,
        rows.map(({ creator }) => creator),
      ),
  };
}

/** How many public contents there are, as of the last half minute: nobody pages by that number. */
const TOTAL_FRESH_MS = seconds(30);
let known: { readonly total: number; readonly until: Date } | undefined;

async function publicTotal(now: Date): Promise<number> {
  if (known && known.until > now) return known.total;
  const total = await Contents.countDocuments(PUBLIC as never).limit(MAX_OFFSET);
  known = { total, until: after(now, TOTAL_FRESH_MS) };
  return total;
}

/** What a viewer sees with a row; false for what they may not or do not want to see. */
type Judge = (rows: readonly Row[]) => Promise<(row: Row) => false | { readonly liked?: boolean }>;

/**
 * Reads on behind what may not be shown, for some rounds. A page that is still short is none the less followed
 * by a cursor, which stands behind what was looked at and not only behind what was shown. A page asked for by
 * its number is its own rows and no others.
 */
async function fill(source: Source, query: PageQuery, judge: Judge) {
  const { limit, cursor, page } = query;
  let position = cursor === undefined ? undefined : decodeCursor(source.scope, cursor);
  let skip = position ? 0 : offsetOf(query);
  const rounds = position || page === 1 ? ROUNDS : 1;
  const shown: { readonly row: Row; readonly liked?: boolean }[] = [];
  let last: Row | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const rows = await source.read(position, skip, limit + 1);
    const examined = rows.slice(0, limit);
    const judged = await judge(examined);
    for (const row of examined) {
      if (shown.length === limit) return { shown, last };
      last = row;
      const seen = judged(row);
      if (seen) shown.push({ row, ...seen });
    }
    if (rows.length <= limit || !last) return { shown, last: undefined };
    if (shown.length === limit) return { shown, last };
    position = { value: last.publishedAt, id: last._id };
    skip = 0;
  }
  return { shown, last };
}

const read = (match: Filter, skip: number, limit: number): Promise<Row[]> =>
  Contents.aggregate<Row>([
    { $match: match },
    { $sort: sortKeys(SORT) },
    ...(skip > 0 ? [{ $skip: skip }] : []),
    { $limit: limit },
    { $project: CARD_FIELDS },
    joinOwner('creator'),
  ]).exec();

const judgeForGuests: Judge = async () => (row) =>
  canViewAs(guestRelation(row.owner[0]), row) && {};

const judgeFor =
  (viewer: Id<'user'>, source: Source): Judge =>
  async (rows) => {
    const [mutes, relations, liked] = await Promise.all([
      mutesOf(viewer),
      source.relations(viewer, rows),
      likedAmong(
        viewer,
        rows.map(({ _id }) => _id),
      ),
    ]);
    const muted = new Set(mutes?.mutedUsers.map((user) => user.toHexString()));
    const words = mutes?.mutedKeywords.map((word) => word.toLowerCase()) ?? [];
    return (row) => {
      const creator = row.creator.toHexString();
      const relation = relations.get(creator) ?? guestRelation(undefined);
      const caption = row.caption.toLowerCase();
      return (
        !muted.has(creator) &&
        !words.some((word) => caption.includes(word)) &&
        canViewAs(relation, row) && { liked: liked.has(row._id.toHexString()) }
      );
    };
  };

const creatorOf = ({ creator, owner: [owner] }: Row) => ({
  id: creator.toHexString(),
  username: owner?.username ?? 'deleted',
  avatar: owner?.avatar ?? null,
});
