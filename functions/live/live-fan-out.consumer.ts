import { tellFollowers } from '#domain/live/fan-out.ts';
import { LiveFanOutContinued, LiveStarted } from '#domain/live/live-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell the followers of somebody that they have gone live, a page at a time.',
  on: [LiveStarted, LiveFanOutContinued],
  effect: 'database',

  handler: async ({ data, now }) =>
    tellFollowers(data, 'cursor' in data ? data.cursor : undefined, now),
});
