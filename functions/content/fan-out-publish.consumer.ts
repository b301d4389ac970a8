import { ContentPublished, FanOutContinued } from '#domain/content/content-events.ts';
import { tellFollowers, tellMentioned } from '#domain/content/fan-out.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell whom a new content names, and its followers who want to hear of everything.',
  on: [ContentPublished, FanOutContinued],
  effect: 'database',

  handler: async ({ data, now }) => {
    if ('cursor' in data) return tellFollowers(data, data.cursor, now);
    const { contentId, creatorId } = data;
    await tellMentioned(contentId, now);
    await tellFollowers(
      { subjectType: 'content', subjectId: contentId, creatorId },
      undefined,
      now,
    );
  },
});
