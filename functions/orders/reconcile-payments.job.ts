import { reconcilePayment, unsettledPayments } from '#domain/orders/reconcile.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Ask the provider about payments that have not come to an end.',
  schedule: '*/15 * * * *',
  timeoutSeconds: 300,

  handler: async ({ now, deadline, log }) => {
    const { done, failed, finished } = await inBatches({
      find: (limit) => unsettledPayments(now, limit),
      each: (payment) => reconcilePayment(payment, now),
      deadline,
      log,
    });
    log.info('payments reconciled', { done, failed, finished });
  },
});
