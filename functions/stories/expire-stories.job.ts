import {
  expireStory,
  purgeStory,
  storiesOver,
  storiesToPurge,
} from '#domain/stories/tell-story.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Mark stories whose 24 hours are over, and delete those kept long enough for reports.',
  schedule: '*/5 * * * *',

  handler: async ({ now, deadline, log }) => {
    const expired = await inBatches({
      find: (limit) => storiesOver(now, limit),
      each: expireStory,
      deadline,
      log,
    });
    const purged = await inBatches({
      find: (limit) => storiesToPurge(now, limit),
      each: purgeStory,
      deadline,
      log,
    });
    log.info('stories ended', { expired: expired.done, purged: purged.done });
  },
});
