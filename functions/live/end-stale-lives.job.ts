import { staleStreams, tidyStream } from '#domain/live/run-stream.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Interrupt streams that have fallen silent, and end those that stayed so.',
  schedule: '* * * * *',
  timeoutSeconds: 55,

  handler: async ({ now, deadline, log }) => {
    const { done, failed, finished } = await inBatches({
      find: (limit) => staleStreams(now, limit),
      each: (stream) => tidyStream(stream, now),
      deadline,
      log,
    });
    log.info('stale streams tidied', { done, failed, finished });
  },
});
