import { audit } from '#domain/orders/audit.ts';
import { job } from '#platform/job.ts';

export default job({
  summary: 'Prove the books, seal their history and freeze payouts when anything differs.',
  schedule: '20 * * * *',
  timeoutSeconds: 540,
  resources: { memoryMb: 512 },

  handler: async ({ now, deadline, log }) => {
    const { balanced, complete, entries, wallets } = await audit(now, deadline);
    log.info('ledger audited', { balanced, complete, entries, wallets });
  },
});
