import { executeRefund } from '#domain/orders/execute-refund.ts';
import { RefundRequested } from '#domain/orders/refund-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Send a refund back to where the money came from.',
  on: [RefundRequested],
  effect: 'outside',

  handler: ({ data: { refundId }, now }) => executeRefund(refundId, now),
});
