import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { remembered } from '#platform/remembered.ts';
import { COIN, cashOf, coinsOf } from './accounts.ts';
import { type Coin, Coins } from './coin.model.ts';
import { post, type TransactionRow } from './ledger.ts';
import { walletOf } from './settle.ts';
import { CoinsPurchased } from './wallet-events.ts';

/** The pack has no price in the money the person has. */
export class NotSoldInCurrency extends problem({
  code: 'not_sold_in_currency',
  status: 409,
  error: 'Not sold in your currency',
}) {}

/** A receipt of a phone’s store; nothing here can prove one as long as no store’s key is configured. */
export class ReceiptsUnsupported extends problem({
  code: 'receipts_unsupported',
  status: 400,
  error: 'Store receipts are not accepted here yet; pay from your balance',
}) {}

const MOST_PACKS = 100;

/** What is sold, the smallest pack first. */
export const coinPacks = remembered(
  (): Promise<(Coin & Stored)[]> =>
    Coins.find({ active: true })
      .sort({ coins: 1, _id: 1 })
      .limit(MOST_PACKS)
      .lean<(Coin & Stored)[]>()
      .exec(),
);

export const CoinPack = z.object({
  id: IdText,
  code: z.string(),
  coins: z.int(),
  /** Coins that come on top. */
  bonus: z.int(),
  /** Minor units by currency. */
  prices: z.record(z.string(), z.int()),
  storeProductIds: z.record(z.string(), z.string()),
});

export const toCoinPack = (pack: Coin & Stored): z.infer<typeof CoinPack> => ({
  id: pack._id.toHexString(),
  code: pack.code,
  coins: pack.coins,
  bonus: pack.bonus,
  prices: { ...pack.prices },
  storeProductIds: { ...pack.storeProductIds },
});

/**
 * Pays for a pack of coins with money of the wallet, inside the transaction that is open. Throws
 * `NotFound`, `NotSoldInCurrency`, and `InsufficientBalance`.
 */
export async function buyCoins(
  buyer: Id<'user'>,
  pack: string,
  now: Date,
): Promise<{ readonly coins: number; readonly line: TransactionRow }> {
  const found = (await coinPacks()).find(({ _id, code }) => code === pack || _id.equals(pack));
  if (!found) throw new NotFound();
  const { currency } = await walletOf(buyer);
  const amountMinor = found.prices[currency];
  if (amountMinor === undefined) throw new NotSoldInCurrency({ current: { currency } });
  const purchaseId = newId<'coinPurchase'>();
  const coins = found.coins + found.bonus;
  const facts = { purchaseId, userId: buyer, pack: found.code, coins, amountMinor, currency };
  await publish(CoinsPurchased, facts, { now, actor: buyer });
  const [line] = await post(
    {
      event: { type: 'coins', id: purchaseId },
      movements: [
        { from: cashOf(buyer), to: 'fee', amountMinor, currency },
        { from: 'coin_issue', to: coinsOf(buyer), amountMinor: coins, currency: COIN },
      ],
      line: { type: 'coins', from: buyer, to: buyer },
    },
    now,
  );
  return { coins, line: line as TransactionRow };
}
