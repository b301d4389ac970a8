import { MediaFailed, MediaReady, MediaRejected } from '#domain/media/media-events.ts';
import { settleStory } from '#domain/stories/tell-story.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show the story that waited for an asset, or end its wait.',
  on: [MediaReady, MediaRejected, MediaFailed],
  effect: 'database',

  handler: ({ data, now }) => settleStory(data.assetId, now),
});
