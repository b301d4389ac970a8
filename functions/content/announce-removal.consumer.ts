import { ContentDeleted } from '#domain/content/content-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell whoever watches a content that it is gone.',
  on: [ContentDeleted],
  effect: 'outside',

  handler: async ({ data, eventId }) => {
    const contentId = data.contentId.toHexString();
    const channel = channels.content(contentId);
    await publishRealtime([{ channel, name: 'content:removed', data: { contentId }, id: eventId }]);
  },
});
