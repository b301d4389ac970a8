import { shopById } from '#domain/sellers/shops.ts';
import { isVerified } from '#domain/sellers/verifications.ts';
import { moveSchedule, type PayoutAccountRow } from '#domain/wallet/payout-accounts.ts';
import { requestPayout } from '#domain/wallet/request-payout.ts';
import { currencyOf } from '#domain/wallet/wallets.ts';
import { toId } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { Problem } from '#platform/problem.ts';

/**
 * Pays out what a payee with a schedule has available; once a week, however often it is run. Who
 * has too little, or cannot be paid now, is asked again next week.
 */
export async function payScheduled(account: PayoutAccountRow, now: Date): Promise<void> {
  const { _id, payee, nextAt } = account;
  const operation = `schedule:${_id.toHexString()}:${nextAt?.toISOString()}`;
  const terms = await termsOf(account);
  if (terms)
    try {
      const verified = await isVerified(terms.user, now);
      await requestPayout({ payee, operation, verified, ...terms }, now);
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      log.info('no scheduled payout', { payee: payee.id.toHexString(), code: error.code });
    }
  await moveSchedule(account, now);
}

async function termsOf({ payee: { type, id } }: PayoutAccountRow) {
  if (type === 'user') {
    const user = toId<'user'>(id.toHexString());
    return { user, source: 'affiliate' as const, currency: await currencyOf(user) };
  }
  const shop = await shopById(toId(id.toHexString()));
  return shop && { user: shop.owner, source: 'sales' as const, currency: shop.currency };
}
