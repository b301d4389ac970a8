import type { Id } from '#platform/id.ts';
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
