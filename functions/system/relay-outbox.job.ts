import { job } from '#platform/job.ts';
import { relay } from '#platform/outbox.ts';

export default job({
  summary: 'Publish the events that were committed and have not left yet.',
  schedule: '* * * * *',
  timeoutSeconds: 55,

  handler: async ({ deadline, log }) => {
    const sent = await relay(deadline);
    if (sent > 0) log.warning('events relayed', { sent });
  },
});
