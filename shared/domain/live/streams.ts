import { z } from 'zod';
import { canSee, relationOf } from '#domain/users/relations.ts';
import { cardsOf, UserCard } from '#domain/users/users.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import { NotFound, problem } from '#platform/problem.ts';
import type { LiveRow } from './live-state.ts';
import { LIVE_STATUSES, LiveStreams } from './live-stream.model.ts';

/** Only what is on air can be watched and given to. */
export class NotLive extends problem({
  code: 'not_live',
  status: 409,
  error: 'The stream is not live',
}) {}

export class RemovedFromLive extends problem({
  code: 'removed_from_live',
  status: 403,
  error: 'You were removed from this stream',
}) {}

/** What a stream is called at the video provider, and back. */
export const channelOf = (id: Id<'live'>): string => `live_${id.toHexString()}`;
export const streamIn = (channel: string): string | undefined =>
  /^live_([0-9a-f]{24})$/.exec(channel)?.[1];

/** Whether somebody may know of a stream: the one rule of this room. */
async function isSeenBy(viewer: Id<'user'> | undefined, stream: LiveRow): Promise<boolean> {
  if (sameId(stream.broadcaster, viewer)) return true;
  const visibility = stream.settings.followersOnly ? 'followers' : 'public';
  return canSee(await relationOf(viewer, stream.broadcaster), visibility);
}

export const streamById = (id: Id<'live'>): Promise<LiveRow | null> =>
  LiveStreams.findOne({ _id: id }).lean<LiveRow>().exec();

/** A stream that the viewer may know of. Throws `NotFound` for any other. */
export async function streamSeenBy(
  viewer: Id<'user'> | undefined,
  id: Id<'live'>,
): Promise<LiveRow> {
  const stream = await streamById(id);
  if (!stream || !(await isSeenBy(viewer, stream))) throw new NotFound();
  return stream;
}

/** A stream as everybody who may know of it sees it. */
export const StreamView = z.object({
  id: IdText,
  status: z.enum(LIVE_STATUSES),
  title: z.string(),
  category: z.string().nullable(),
  host: UserCard,
  viewers: z.int(),
  scheduledFor: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
  settings: z.object({ slowModeSeconds: z.int(), followersOnly: z.boolean() }),
  showcase: z.array(
    z.object({
      product: IdText,
      variant: IdText.nullable(),
      livePriceMinor: z.int().nullable(),
      left: z.int().nullable(),
      pinned: z.boolean(),
    }),
  ),
});
export type StreamView = z.infer<typeof StreamView>;

const toStreamView = (stream: LiveRow, host: UserCard): StreamView => ({
  id: stream._id.toHexString(),
  status: stream.status,
  title: stream.title,
  category: stream.category ?? null,
  host,
  viewers: stream.stats.viewers,
  scheduledFor: stream.scheduledFor?.toISOString() ?? null,
  startedAt: stream.startedAt?.toISOString() ?? null,
  endedAt: stream.endedAt?.toISOString() ?? null,
  settings: {
    slowModeSeconds: stream.settings.slowModeSeconds,
    followersOnly: stream.settings.followersOnly,
  },
  showcase: stream.showcase.map(({ product, variant, livePriceMinor, stockCap, sold, pinned }) => ({
    product: product.toHexString(),
    variant: variant?.toHexString() ?? null,
    livePriceMinor: livePriceMinor ?? null,
    left: stockCap === undefined ? null : Math.max(0, stockCap - sold),
    pinned,
  })),
});

/** Shows streams together with who broadcasts them, in one query. */
export async function viewsOf(streams: readonly LiveRow[]): Promise<StreamView[]> {
  const cards = await cardsOf(streams.map(({ broadcaster }) => broadcaster));
  return streams.flatMap((stream) => {
    const host = cards.get(stream.broadcaster.toHexString());
    return host ? [toStreamView(stream, host)] : [];
  });
}

export async function viewOf(stream: LiveRow): Promise<StreamView> {
  const [view] = await viewsOf([stream]);
  if (!view) throw new NotFound();
  return view;
}
