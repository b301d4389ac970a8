import { payScheduled } from '#domain/orders/scheduled-payouts.ts';
import { ordersToSettle, settleOrder } from '#domain/orders/settlement.ts';
import { dueSchedules } from '#domain/wallet/payout-accounts.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Make what has waited long enough its earners’ own, and pay those who have a schedule.',
  schedule: '0 2 * * *',
  timeoutSeconds: 540,

  handler: async ({ now, deadline, log }) => {
    const settled = await inBatches({
      find: (limit) => ordersToSettle(now, limit),
      each: ({ _id }) => settleOrder(_id, now),
      ...{ deadline, log },
    });
    const paid = await inBatches({
      find: (limit) => dueSchedules(now, limit),
      each: (account) => payScheduled(account, now),
      ...{ deadline, log },
    });
    log.info('earnings matured', { settled: settled.done, scheduled: paid.done });
  },
});
