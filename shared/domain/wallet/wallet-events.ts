import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

/** Somebody gave money to somebody. */
export const TransferCompleted = event({
  type: 'transfer.completed',
  topic: 'wallet',
  data: z.object({
    transferId: idOf('transfer'),
    fromId: idOf('user'),
    toId: idOf('user'),
    amountMinor: z.int(),
    currency: z.string(),
  }),
  subject: ['transfer', 'transferId'],
  orderedBy: 'fromId',
});

/** What a person can spend has changed; read the wallet for how much it is. */
export const WalletCredited = event({
  type: 'wallet.credited',
  topic: 'wallet',
  data: z.object({ userId: idOf('user'), transactionId: idOf('transaction'), reason: z.string() }),
  subject: ['user', 'userId'],
  orderedBy: 'userId',
});

/** Somebody bought coins with money they had. */
export const CoinsPurchased = event({
  type: 'coins.purchased',
  topic: 'wallet',
  data: z.object({
    purchaseId: idOf('coinPurchase'),
    userId: idOf('user'),
    pack: z.string(),
    coins: z.int(),
    amountMinor: z.int(),
    currency: z.string(),
  }),
  subject: ['coins', 'purchaseId'],
  orderedBy: 'userId',
});

/** Two members of staff put an account right. */
export const AdjustmentPosted = event({
  type: 'adjustment.posted',
  topic: 'wallet',
  data: z.object({
    adjustmentId: idOf('approval'),
    /** Whose money it is, or the owner of the shop. */
    userId: idOf('user'),
    /** Taken away where below zero. */
    amountMinor: z.int(),
    currency: z.string(),
  }),
  subject: ['adjustment', 'adjustmentId'],
  orderedBy: 'userId',
});
