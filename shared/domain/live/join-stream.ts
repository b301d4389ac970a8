import type { z } from 'zod';
import { type Id, sameId } from '#platform/id.ts';
import { type Entry, entryTo } from './entry.ts';
import { isOpen } from './live-state.ts';
import { attend } from './participants.ts';
import { NotLive, streamSeenBy } from './streams.ts';

/**
 * Lets somebody into a stream, and writes down that they are there: the broadcaster to send, others
 * to watch what is on air or interrupted. Throws `NotFound`, `NotLive` and `RemovedFromLive`.
 */
export async function joinStream(
  user: Id<'user'>,
  id: Id<'live'>,
  now: Date,
): Promise<z.infer<typeof Entry>> {
  const stream = await streamSeenBy(user, id);
  const own = sameId(stream.broadcaster, user);
  if (!isOpen(stream.status) || (stream.status === 'starting' && !own))
    throw new NotLive({ current: stream.status });
  const uid = await attend({ stream: id, user, role: own ? 'host' : 'audience' }, now);
  return entryTo(stream, { user, uid, role: own ? 'publisher' : 'subscriber' }, now);
}
