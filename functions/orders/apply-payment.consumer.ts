import { ProviderNotified } from '#domain/orders/payment-events.ts';
import { followNotice } from '#domain/orders/provider-notices.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Make a payment what its provider says it is.',
  on: [ProviderNotified],
  effect: 'outside',

  handler: async ({ data: { notice, providerRef }, now }) => {
    if (providerRef && notice.startsWith('payment_intent.')) await followNotice(providerRef, now);
  },
});
