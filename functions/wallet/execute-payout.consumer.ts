import { PayoutApproved } from '#domain/wallet/payout-events.ts';
import { sendPayout } from '#domain/wallet/send-payout.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Send an approved payout to the bank.',
  on: [PayoutApproved],
  effect: 'outside',

  handler: ({ data: { payoutId }, now }) => sendPayout(payoutId, now),
});
