import { rollUp } from '#domain/analytics/rollup.ts';
import { job } from '#platform/job.ts';

export default job({
  summary: 'Keep the numbers of the last hours, and of the day that ended.',
  schedule: '15 * * * *',

  handler: async ({ now, log }) => {
    log.info('analytics rolled up', { points: await rollUp(now) });
  },
});
