import { fulfilPayment } from '#domain/orders/fulfil-order.ts';
import { PaymentCaptured } from '#domain/orders/payment-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Hand orders that are paid to their sellers, and send back money that buys nothing.',
  on: [PaymentCaptured],
  // A transaction for each order of the payment; what was done is not done again.
  effect: 'outside',

  handler: async ({ data: { paymentId, purpose }, now }) => {
    if (purpose === 'order') await fulfilPayment(paymentId, now);
  },
});
