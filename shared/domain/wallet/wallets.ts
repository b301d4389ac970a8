import { z } from 'zod';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { fieldFor } from './accounts.ts';
import { settle, walletOf } from './settle.ts';
import { Transactions } from './transaction.model.ts';
import { Wallets } from './wallet.model.ts';

/**
 * Gives a person an empty wallet in their currency; one that exists is left as it is. Meant to be
 * part of the transaction that registers them.
 */
export async function openWallet(user: Id<'user'>, currency: string, now: Date): Promise<void> {
  await Wallets.updateOne(
    { user },
    { $setOnInsert: { user, currency, createdAt: now } },
    { upsert: true, setDefaultsOnInsert: true },
  );
}

/** What a person has. Amounts of money are minor units of `currency`. */
export const Balance = z.object({
  balance: z.int(),
  currency: z.string(),
  coins: z.int(),
  diamonds: z.int(),
  /** Theirs, but not to be spent yet. */
  held: z.int(),
});
export type Balance = z.infer<typeof Balance>;

/** Past so many unsettled credits, reading them all each time is dearer than settling them once. */
const MANY = 50;

/** What a person has at this moment: their wallet, and what was credited since it was last settled. */
export async function balanceOf(user: Id<'user'>, now: Date): Promise<Balance> {
  const { balance, unsettled } = await transaction(() => readBalance(user, now));
  if (unsettled > MANY) await settle(user, now);
  return balance;
}

/** In one snapshot: a credit is seen either as a line or as a part of the wallet, never as both. */
async function readBalance(user: Id<'user'>, now: Date) {
  const wallet = await walletOf(user);
  const sums = await Transactions.aggregate<{
    _id: { currency: string; spendable: boolean };
    minor: number;
    lines: number;
  }>([
    { $match: { user, unsettled: true } },
    {
      $group: {
        _id: { currency: '$currency', spendable: { $lte: ['$availableAt', now] } },
        minor: { $sum: '$amountMinor' },
        lines: { $sum: 1 },
      },
    },
  ]);
  const { cashMinor, coins, diamonds, heldMinor, currency } = wallet;
  const has = { cashMinor, coins, diamonds };
  let held = heldMinor;
  for (const { _id, minor } of sums) {
    const field = fieldFor(_id.currency);
    if (_id.spendable) has[field] += minor;
    else if (field === 'cashMinor') held += minor;
  }
  const balance: Balance = {
    balance: has.cashMinor,
    currency,
    coins: has.coins,
    diamonds: has.diamonds,
    held,
  };
  return { balance, unsettled: sums.reduce((lines, sum) => lines + sum.lines, 0) };
}

/** The currency a person's money is in. */
export const currencyOf = async (user: Id<'user'>): Promise<string> =>
  (await walletOf(user)).currency;
