import { passReturnDeadline, returnsDue } from '#domain/orders/return-deadlines.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Go on with returns about which nobody did anything in time.',
  schedule: '25 * * * *',
  timeoutSeconds: 300,

  handler: async ({ now, deadline, log }) => {
    const { done, failed, finished } = await inBatches({
      find: (limit) => returnsDue(now, limit),
      each: (row) => passReturnDeadline(row, now),
      deadline,
      log,
    });
    log.info('deadlines of returns passed', { done, failed, finished });
  },
});
