import { z } from 'zod';
import { after, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { ContentViewed } from './content-events.ts';
import { type ContentId, publishedContent } from './contents.ts';
import { countOf } from './counters.ts';
import { at, type Target } from './target.ts';
import { VIEW_SOURCES, type View, type ViewSource, Views } from './view.model.ts';

/** Where somebody came upon a content. */
export const ViewSources = z.enum(VIEW_SOURCES);

/** A viewer counts once in each of these. */
const WINDOW_MS = hours(1);
/** Anything shorter was scrolled past, unless it was watched to its end. */
const MINIMUM_MS = 2000;

export interface Watched {
  readonly user: Id<'user'> | undefined;
  /** Who watches, whether signed in or not; see `viewerKeyOf`. */
  readonly viewerKey: string;
  readonly watchMs: number | undefined;
  readonly completed: boolean;
  readonly source: ViewSource;
}

/** The user's id, or what stands for a guest. */
export const viewerKeyOf = (user: Id<'user'> | undefined, guest: string): string =>
  user?.toHexString() ?? `guest:${guest}`;

const windowOf = (now: Date): Date => after(now, -(now.getTime() % WINDOW_MS));

/** Records that somebody watched; returns the number of views. Throws `NotFound`. */
export async function viewContent(id: ContentId, watched: Watched, now: Date): Promise<number> {
  const { user, viewerKey, watchMs, completed, source } = watched;
  const content = await publishedContent(user, id);
  const target = { type: 'content', id } as const;
  const kind: View['kind'] =
    watchMs !== undefined && watchMs < MINIMUM_MS && !completed ? 'impression' : 'view';
  const edge = {
    target,
    viewerKey,
    ...(user && { user }),
    kind,
    ...(watchMs !== undefined && { watchMs }),
    completed,
    source,
    window: windowOf(now),
  } as const;
  const key = { ...at(target), viewerKey, window: edge.window, kind };
  if (await Views.exists(key)) return countOf(id, 'views');
  try {
    return await transaction(async () => {
      await Views.create([{ ...edge, ...(kind === 'view' && { pending: true as const }) }]);
      if (kind === 'view') {
        const ids = { contentId: id, creatorId: content.creator, userId: user };
        await publish(
          ContentViewed,
          { ...ids, watchMs, completed, source },
          { now, ...(user && { actor: user }) },
        );
      }
      return countOf(id, 'views');
    });
  } catch (error) {
    // The same viewer, at the same moment, on another connection.
    if (duplicateKey(error) === undefined) throw error;
    return countOf(id, 'views');
  }
}

/** What counts once for ever counts in this one window. */
const EVER = new Date(0);

/** Marks a story as seen; true when it was not before. */
export async function markSeen(user: Id<'user'>, target: Target): Promise<boolean> {
  const viewerKey = user.toHexString();
  const key = { ...at(target), viewerKey, window: EVER, kind: 'view' } as const;
  if (await Views.exists(key)) return false;
  await Views.create([{ target, viewerKey, user, kind: 'view', window: EVER }]);
  return true;
}

/** Which of these targets the user has seen. */
export async function seenAmong(
  user: Id<'user'>,
  type: Target['type'],
  ids: readonly Id[],
): Promise<ReadonlySet<string>> {
  const edges = await Views.find(
    { 'target.type': type, 'target.id': { $in: [...ids] }, viewerKey: user.toHexString() },
    { target: 1 },
  ).lean();
  return new Set(edges.map(({ target }) => target.id.toHexString()));
}

/** Who saw it, latest first. */
export const viewersOf = (target: Target, query: PageQuery): Promise<Page<View & Viewed>> =>
  findPage<View>({
    model: Views,
    where: at(target),
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `viewers:${target.type}:${target.id.toHexString()}`,
  });

type Viewed = { readonly _id: Id; readonly createdAt: Date; readonly updatedAt: Date };

/** The user behind a view of somebody who was signed in. */
export const viewerOf = ({ viewerKey }: Pick<View, 'viewerKey'>): Id<'user'> => toId(viewerKey);
