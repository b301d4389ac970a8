import { followDispute } from '#domain/orders/disputes.ts';
import { ProviderNotified } from '#domain/orders/payment-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Hold and settle what a buyer’s bank wants back.',
  on: [ProviderNotified],
  effect: 'outside',

  handler: async ({ data: { notice, objectRef }, now }) => {
    if (notice.startsWith('charge.dispute.')) await followDispute(objectRef, now);
  },
});
