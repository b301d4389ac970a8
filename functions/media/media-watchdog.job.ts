import {
  CAPTIONS_STUCK_IN,
  rescueCaption,
  stuckCaptions,
} from '#domain/content/recognise-caption.ts';
import {
  endOverdue,
  overdueAssets,
  rescueAsset,
  STUCK_IN,
  stuckAssets,
} from '#domain/media/watch-assets.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'End uploads that were never finished, and ask again for work that nobody is doing.',
  schedule: '*/5 * * * *',

  handler: async ({ now, deadline, log }) => {
    const ended = await inBatches({
      find: (limit) => overdueAssets(now, limit),
      each: (asset) => endOverdue(asset, now),
      deadline,
      log,
    });
    log.info('overdue media ended', ended);
    for (const status of STUCK_IN) {
      const rescued = await inBatches({
        find: (limit) => stuckAssets(status, now, limit),
        each: (asset) => rescueAsset(asset, now),
        deadline,
        log,
      });
      log.info('stuck media asked for again', { ...rescued, status });
    }
    for (const status of CAPTIONS_STUCK_IN) {
      const rescued = await inBatches({
        find: (limit) => stuckCaptions(status, now, limit),
        each: (caption) => rescueCaption(caption, now),
        deadline,
        log,
      });
      log.info('stuck captions asked for again', { ...rescued, status });
    }
  },
});
