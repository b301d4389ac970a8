import { payCommissions } from '#domain/sellers/pay-commissions.ts';
import { PayoutPaid, PayoutReturned } from '#domain/wallet/payout-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Mark the commissions that a payout has paid, and those whose money came back.',
  on: [PayoutPaid, PayoutReturned],
  effect: 'database',

  handler: ({ data }) => payCommissions(data.payoutId),
});
