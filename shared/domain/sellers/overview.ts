import { z } from 'zod';
import { setting } from '#domain/system/settings.ts';
import { earningsOf as earningsOfPayee } from '#domain/wallet/earnings.ts';
import { type Payee, payoutAccountOf } from '#domain/wallet/payout-accounts.ts';
import type { Id } from '#platform/id.ts';
import { missingFrom, REQUIREMENTS, type Requirement } from './requirements.ts';
import { OwnShop, toOwnShop } from './shop-views.ts';
import { type ShopRow, shopOf } from './shops.ts';
import { EDITABLE, type VerificationRow } from './verification-state.ts';
import { casesOf, PURPOSES, toVerificationView, VerificationView } from './verifications.ts';

/** What waits for its owner, besides what an application lacks. */
export const TASKS = [
  ...REQUIREMENTS,
  'submit_application',
  'renew_verification',
  'add_payout_account',
  'end_holiday',
] as const;
type Task = (typeof TASKS)[number];

/** Minor units of `currency`. A shop owes where it is below zero. */
export const Earnings = z.object({
  currency: z.string(),
  /** Of orders that are not completed yet. */
  pendingMinor: z.int(),
  availableMinor: z.int(),
  /** On its way to the bank. */
  inPayoutMinor: z.int(),
});
type Earnings = z.infer<typeof Earnings>;

export const Overview = z.object({
  /** The latest case of each purpose. */
  verifications: z.array(VerificationView),
  shop: OwnShop.nullable(),
  balances: z.object({ shop: Earnings.nullable(), affiliate: Earnings }),
  payoutAccount: z.object({ label: z.string(), since: z.iso.datetime() }).nullable(),
  /** In the order in which to do them. */
  tasks: z.array(z.enum(TASKS)),
});
export type Overview = z.infer<typeof Overview>;

/** All that concerns somebody who sells, or wants to. */
export async function overviewOf(user: Id<'user'>, now: Date): Promise<Overview> {
  const [cases, shop] = await Promise.all([casesOf(user), shopOf(user)]);
  const latest = PURPOSES.flatMap((purpose) => cases.find((one) => one.purpose === purpose) ?? []);
  const account = shop && (await payoutAccountOf({ type: 'shop', id: shop._id }));
  const tasks = await tasksOf(latest, shop, now);
  if (shop && shop.status !== 'closed' && !account) tasks.push('add_payout_account');
  return {
    verifications: latest.map(toVerificationView),
    shop: shop && (await toOwnShop(shop)),
    balances: {
      shop: shop && (await earnings({ type: 'shop', id: shop._id }, shop.currency)),
      affiliate: await earningsOf(user),
    },
    payoutAccount: account && { label: account.label, since: account.since.toISOString() },
    tasks,
  };
}

async function tasksOf(
  cases: readonly VerificationRow[],
  shop: ShopRow | null,
  now: Date,
): Promise<Task[]> {
  const tasks: Task[] = [];
  for (const row of cases.filter(({ status }) => EDITABLE.includes(status))) {
    const missing: Requirement[] = await missingFrom(row, now);
    if (row.status === 'expired') tasks.push('renew_verification');
    tasks.push(...(missing.length > 0 ? missing : (['submit_application'] as const)));
  }
  if (shop?.status === 'holiday') tasks.push('end_holiday');
  return [...new Set(tasks)];
}

/** What somebody has earned as affiliate or creator. */
export const earningsOf = async (user: Id<'user'>): Promise<Earnings> =>
  earnings({ type: 'user', id: user }, await setting('wallet.currency'));

async function earnings(payee: Payee, of: string): Promise<Earnings> {
  const { currency, pending, available, inPayout } = await earningsOfPayee(payee, of);
  return { currency, pendingMinor: pending, availableMinor: available, inPayoutMinor: inPayout };
}
