import { contentsToPurge, purgeContent } from '#domain/content/purge-content.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Remove for good what was deleted 30 days ago: objects, captions, comments and rows.',
  schedule: '30 5 * * *',

  handler: async ({ now, deadline, log }) => {
    const { done, failed } = await inBatches({
      find: (limit) => contentsToPurge(now, limit),
      each: purgeContent,
      deadline,
      log,
    });
    log.info('contents purged', { done, failed });
  },
});
