import { ContentCreated } from '#domain/content/content-events.ts';
import { settleAsset } from '#domain/content/publish-content.ts';
import { StorySubmitted } from '#domain/stories/story-events.ts';
import { settleStory } from '#domain/stories/tell-story.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Publish what was handed in at the very moment in which its asset became ready.',
  on: [ContentCreated, StorySubmitted],
  effect: 'database',

  handler: ({ data, now, type }) =>
    type === StorySubmitted.type ? settleStory(data.assetId, now) : settleAsset(data.assetId, now),
});
