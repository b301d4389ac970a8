import { DEADLINES, endDeadline, ordersDue } from '#domain/orders/order-deadlines.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Do what was to happen with orders when nobody did anything.',
  schedule: '*/5 * * * *',

  handler: async ({ now, deadline, log }) => {
    for (const kind of DEADLINES) {
      const { done, failed } = await inBatches({
        find: (limit) => ordersDue(kind, now, limit),
        each: ({ _id }) => endDeadline(kind, _id, now),
        deadline,
        log,
      });
      log.info('order deadlines ended', { kind, done, failed });
    }
  },
});
