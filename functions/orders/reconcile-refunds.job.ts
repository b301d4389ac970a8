import {
  pursueRefund,
  refundsToRetry,
  refundsUnderway,
  retryRefund,
} from '#domain/orders/execute-refund.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Ask the provider about refunds under way, and send those that failed once more.',
  schedule: '*/10 * * * *',
  timeoutSeconds: 300,

  handler: async ({ now, deadline, log }) => {
    const asked = await inBatches({
      find: (limit) => refundsUnderway(now, limit),
      each: (refund) => pursueRefund(refund, now),
      deadline,
      log,
    });
    const retried = await inBatches({
      find: (limit) => refundsToRetry(now, limit),
      each: (refund) => retryRefund(refund, now),
      deadline,
      log,
    });
    log.info('refunds reconciled', { asked: asked.done, retried: retried.done });
  },
});
