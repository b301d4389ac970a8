import { channels, publishRealtime, type RealtimeMessage } from '#platform/ably.ts';
import { coalesce } from '#platform/coalesce.ts';
import { type ContentId, isVisibleTo } from './contents.ts';
import { type Counter, countOf } from './counters.ts';

type Said = Pick<RealtimeMessage, 'name' | 'data'>;

interface Change {
  readonly contentId: ContentId;
  readonly counter: Counter;
  readonly eventId: string;
  /** What is said about the number the counter has by then. */
  readonly say: (count: number) => Said;
}

/**
 * Tells the channel of a content that one of its numbers has changed, at most once in two seconds for each of
 * them. Everybody may listen to that channel, so only what everybody may see is told.
 */
export async function announceCount({ contentId, counter, eventId, say }: Change): Promise<void> {
  const id = contentId.toHexString();
  await coalesce(`${id}:${counter}`, eventId, async () => {
    if (!(await isVisibleTo(undefined, contentId))) return;
    const { name, data } = say(await countOf(contentId, counter));
    await publishRealtime([{ channel: channels.content(id), name, data, id: eventId }]);
  });
}
