import { ProviderNotified } from '#domain/orders/payment-events.ts';
import { followPayout } from '#domain/wallet/send-payout.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Make a payout what its provider says it is.',
  on: [ProviderNotified],
  effect: 'outside',

  handler: async ({ data: { notice, objectRef }, now }) => {
    if (notice.startsWith('payout.')) await followPayout(objectRef, now);
  },
});
