import { followRefundNotice } from '#domain/orders/execute-refund.ts';
import { ProviderNotified } from '#domain/orders/payment-events.ts';
import { consumer } from '#platform/consumer.ts';

/** What is about a refund; `charge.refunded` is about its payment and says nothing new. */
const ABOUT_REFUNDS = ['refund.', 'charge.refund.'] as const;

export default consumer({
  summary: 'Make a refund what its provider says it is.',
  on: [ProviderNotified],
  effect: 'outside',

  handler: async ({ data: { notice, objectRef }, now }) => {
    if (ABOUT_REFUNDS.some((about) => notice.startsWith(about)))
      await followRefundNotice(objectRef, now);
  },
});
