import {
  payoutsToRecheck,
  recheckPayout,
  reconcilePayout,
  stuckPayouts,
} from '#domain/wallet/send-payout.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Ask the provider about payouts that are stuck, and whether paid ones came back.',
  schedule: '*/15 * * * *',

  handler: async ({ now, deadline, log }) => {
    const stuck = await inBatches({
      find: (limit) => stuckPayouts(now, limit),
      each: (payout) => reconcilePayout(payout, now),
      ...{ deadline, log },
    });
    const paid = await inBatches({
      find: (limit) => payoutsToRecheck(now, limit),
      each: (payout) => recheckPayout(payout, now),
      ...{ deadline, log },
    });
    log.info('payouts reconciled', { stuck: stuck.done, rechecked: paid.done });
  },
});
