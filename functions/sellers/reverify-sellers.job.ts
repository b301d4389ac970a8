import {
  casesToErase,
  endedCases,
  endingCases,
  eraseDocuments,
  expire,
  sanctionedCases,
  suspendSanctioned,
  WARNING_DAYS,
  warn,
} from '#domain/sellers/reverify.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'End approvals with their documents, warn before, and erase documents in time.',
  schedule: '0 4 * * *',

  handler: async ({ now, deadline, log }) => {
    const expired = await inBatches({
      find: (limit) => endedCases(now, limit),
      each: (row) => expire(row, now),
      deadline,
      log,
    });
    const suspended = await inBatches({
      find: sanctionedCases,
      each: (row) => suspendSanctioned(row, now),
      deadline,
      log,
    });
    for (const within of WARNING_DAYS)
      await inBatches({
        find: (limit) => endingCases(within, now, limit),
        each: (row) => warn(row, within, now),
        deadline,
        log,
      });
    const erased = await inBatches({
      find: (limit) => casesToErase(now, limit),
      each: eraseDocuments,
      deadline,
      log,
    });
    log.info('verifications looked through', { expired, suspended, erased });
  },
});
