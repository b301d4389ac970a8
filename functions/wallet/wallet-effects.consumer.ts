import { PayoutRequested } from '#domain/wallet/payout-events.ts';
import { settle } from '#domain/wallet/settle.ts';
import {
  AdjustmentPosted,
  CoinsPurchased,
  TransferCompleted,
  WalletCredited,
} from '#domain/wallet/wallet-events.ts';
import { tellOwners } from '#domain/wallet/wallet-realtime.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Add credits to wallets and show their owners what they have now.',
  on: [TransferCompleted, WalletCredited, CoinsPurchased, PayoutRequested, AdjustmentPosted],
  effect: 'outside',

  handler: async ({ data, eventId, now }) => {
    const credited = 'userId' in data ? data.userId : data.toId;
    const owners = 'userId' in data ? [credited] : [credited, data.fromId];
    await settle(credited, now);
    await tellOwners(owners, eventId, now);
  },
});
