import { tellFollowers } from '#domain/content/fan-out.ts';
import { StoryCreated } from '#domain/stories/story-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell of a new story the followers who want to hear of everything.',
  on: [StoryCreated],
  effect: 'database',

  handler: ({ data: { storyId, authorId }, now }) =>
    tellFollowers(
      { subjectType: 'story', subjectId: storyId, creatorId: authorId },
      undefined,
      now,
    ),
});
