import { askAgain, dueDeliveries } from '#domain/webhooks/deliveries.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Ask for deliveries to partners whose time has come.',
  schedule: '* * * * *',
  timeoutSeconds: 60,

  handler: async ({ now, deadline, log }) => {
    const { done, failed } = await inBatches({
      find: (limit) => dueDeliveries(now, limit),
      each: (delivery) => askAgain(delivery, now),
      deadline,
      log,
    });
    if (done + failed > 0) log.info('webhooks asked for', { done, failed });
  },
});
