import { canSee, followeesOf, relationsOf } from '#domain/users/relations.ts';
import type { Id } from '#platform/id.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import type { LiveRow } from './live-state.ts';
import { type LiveStream, LiveStreams } from './live-stream.model.ts';

export const LIVE_LISTS = ['live', 'scheduled', 'followed'] as const;
type LiveList = (typeof LIVE_LISTS)[number];

const MOST_FOLLOWED = 1000;

/** What is on air, most watched first; what is announced, the next one first; or what is on air of those one follows. */
export async function listStreams(
  list: LiveList,
  viewer: Id<'user'> | undefined,
  query: PageQuery,
): Promise<Page<LiveRow>> {
  const page = await pageOfList(list, viewer, query);
  // Some of them may not be for this viewer: then a page is shorter than was asked for.
  const hosts = page.items.map(({ broadcaster }) => broadcaster);
  const relations = await relationsOf(viewer, hosts);
  const items = page.items.filter(({ broadcaster, settings }) => {
    const relation = relations.get(broadcaster.toHexString());
    return relation && canSee(relation, settings.followersOnly ? 'followers' : 'public');
  });
  return { ...page, items };
}

async function pageOfList(
  list: LiveList,
  viewer: Id<'user'> | undefined,
  query: PageQuery,
): Promise<Page<LiveRow>> {
  if (list === 'scheduled')
    return findPage<LiveStream>({
      model: LiveStreams,
      where: { status: 'scheduled' },
      sort: { field: 'scheduledFor', direction: 1 },
      query,
      scope: 'live:scheduled',
    });
  const followed = list === 'followed' && {
    broadcaster: { $in: viewer ? await followeesOf(viewer, MOST_FOLLOWED) : [] },
  };
  if (followed && followed.broadcaster.$in.length === 0) return emptyPage(query);
  return findPage<LiveStream>({
    model: LiveStreams,
    where: { status: 'live', ...followed },
    sort: { field: 'stats.viewers', direction: -1 },
    query,
    scope: `live:${list}:${viewer?.toHexString() ?? 'guest'}`,
  });
}

const emptyPage = ({ page, limit }: PageQuery): Page<LiveRow> => ({
  items: [],
  pagination: { page, limit, total: 0, pages: 0 },
  nextCursor: null,
});
