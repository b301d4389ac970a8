import { advanceCheckpoints } from '#domain/wallet/checkpoints.ts';
import { historyBoundary } from '#domain/wallet/history-boundary.ts';
import { job } from '#platform/job.ts';

export default job({
  summary: 'Add up the history of accounts that have no document, so that asking for one is quick.',
  schedule: '50 * * * *',

  handler: async ({ deadline, log }) => {
    const { read, finished } = await advanceCheckpoints(historyBoundary(), deadline);
    log.info('checkpoints advanced', { read, finished });
  },
});
