import { reconcilePayout, stuckPayouts } from '#domain/wallet/send-payout.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Ask the provider about payouts that are stuck on their way.',
  schedule: '*/15 * * * *',

  handler: async ({ now, deadline, log }) => {
    const { done, failed, finished } = await inBatches({
      find: (limit) => stuckPayouts(now, limit),
      each: (payout) => reconcilePayout(payout, now),
      deadline,
      log,
    });
    log.info('payouts reconciled', { done, failed, finished });
  },
});
