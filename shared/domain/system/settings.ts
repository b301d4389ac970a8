import { z } from 'zod';
import { after, clock, seconds } from '#platform/clock.ts';
import { type SystemSetting, SystemSettings } from './system-setting.model.ts';

/** Every setting there is: its meaning, its shape and its default. Units are in the names. */
export const SETTINGS = {
  'media.maxVideoBytes': { shape: z.int().positive(), default: 100 * 1024 * 1024 },
  'media.maxImageBytes': { shape: z.int().positive(), default: 20 * 1024 * 1024 },
  'media.maxVideoSeconds': { shape: z.int().positive(), default: 600 },
  'media.uploadsPerDay': { shape: z.int().positive(), default: 200 },
  'content.captionLength': { shape: z.int().positive(), default: 2200 },
  'accounts.minimumAgeYears': { shape: z.int().min(0).max(120), default: 13 },
  'wallet.currency': { shape: z.string().length(3), default: 'USD' },
  'wallet.topupMaxMinor': { shape: z.int().positive(), default: 1_000_000 },
  'wallet.transferMaxMinor': { shape: z.int().positive(), default: 500_000 },
  'wallet.transferDayMaxMinor': { shape: z.int().positive(), default: 10_000_000 },
  /** How long money for somebody new waits before they can spend it. */
  'wallet.newRecipientMinutes': { shape: z.int().min(0).max(10_080), default: 0 },
  /** Above this a transfer asks for the sender's password or code. */
  'wallet.confirmOverMinor': { shape: z.int().positive(), default: 200_000 },
  'gifts.maxQuantity': { shape: z.int().positive(), default: 999 },
  'gifts.dayMaxCoins': { shape: z.int().positive(), default: 1_000_000 },
  /** What a hundred diamonds are paid out at. */
  'wallet.hundredDiamondsMinor': { shape: z.int().positive(), default: 50 },
  'wallet.withdrawMinimumDiamonds': { shape: z.int().positive(), default: 1000 },
  'accounts.moneyAgeYears': { shape: z.int().min(0).max(120), default: 18 },
  'payouts.frozen': { shape: z.boolean(), default: false },
  'payouts.minimumMinor': { shape: z.int().positive(), default: 1000 },
  /** Above this staff approves a payout; above the second limit two of them do. */
  'payouts.approvalOverMinor': { shape: z.int().positive(), default: 500_000 },
  'payouts.twoPersonOverMinor': { shape: z.int().positive(), default: 5_000_000 },
  /** How long a new payout account waits before money is sent to it. */
  'payouts.accountAgeHours': { shape: z.int().min(0).max(720), default: 48 },
  /** What the platform keeps of a sale where the category says nothing else. */
  'shop.commissionBps': { shape: z.int().min(0).max(2000), default: 500 },
  'shop.lowStock': { shape: z.int().min(0), default: 5 },
  /** Staff looks again at a listing whose title, category, media or options changed. */
  'shop.reviewMaterialChanges': { shape: z.boolean(), default: true },
  'reviews.editDays': { shape: z.int().positive(), default: 30 },
  /** Whoever applies to sell has a second factor. */
  'sellers.requireMfa': { shape: z.boolean(), default: true },
  /** ISO codes of the countries that sellers and creators may be verified in. */
  'sellers.countries': {
    shape: z.array(z.string().length(2)).max(250),
    default:
      'AT AU BE BG CA CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IN IT JP KR LT LU LV MT NL NO NZ PL PT RO SE SG SI SK US'.split(
        ' ',
      ),
  },
  /** Names, in lower case, that staff has to look at before they are let in. */
  'sellers.sanctionedNames': { shape: z.array(z.string()).max(10_000), default: [] as string[] },
  'sellers.reapplyDays': { shape: z.int().min(0), default: 7 },
  'affiliates.maxCreators': { shape: z.int().positive(), default: 2000 },
  'affiliates.rateLockDays': { shape: z.int().min(0), default: 30 },
  'cart.maxItems': { shape: z.int().positive(), default: 100 },
  'cart.abandonedHours': { shape: z.int().positive(), default: 24 },
  /** How long stock is kept for a checkout that is not paid. */
  'orders.stockHoldMinutes': { shape: z.int().positive(), default: 15 },
  /** How long a paid order may be cancelled freely before the seller is told to ship. */
  'orders.onHoldMinutes': { shape: z.int().min(0), default: 30 },
  'orders.shipDays': { shape: z.int().positive(), default: 3 },
  'orders.lateCancelDays': { shape: z.int().positive(), default: 10 },
  /** After so long in transit a parcel is taken for delivered. */
  'orders.transitDays': { shape: z.int().positive(), default: 30 },
  'orders.cancelConsentHours': { shape: z.int().positive(), default: 24 },
  /** How long what is earned waits after an order was completed. */
  'orders.settleHoldDays': { shape: z.int().min(0).max(90), default: 3 },
  'returns.windowDays': { shape: z.int().positive(), default: 14 },
  'returns.sellerHours': { shape: z.int().positive(), default: 48 },
  'returns.shipDays': { shape: z.int().positive(), default: 7 },
  'returns.escalateDays': { shape: z.int().positive(), default: 7 },
  /** Returns up to this are approved at once. */
  'returns.autoApproveUpToMinor': { shape: z.int().min(0), default: 0 },
  'refunds.twoPersonOverMinor': { shape: z.int().positive(), default: 50_000 },
  'live.interruptedAfterSeconds': { shape: z.int().positive(), default: 45 },
  'live.endedAfterSeconds': { shape: z.int().positive(), default: 180 },
  'live.maxHours': { shape: z.int().positive(), default: 12 },
  'webhooks.maxEndpoints': { shape: z.int().positive(), default: 10 },
} as const satisfies Record<string, { shape: z.ZodType; default: unknown }>;

export type SettingKey = keyof typeof SETTINGS;
type ValueOf<Key extends SettingKey> = z.infer<(typeof SETTINGS)[Key]['shape']>;

const FRESH_MS = seconds(30);
const known = new Map<string, { readonly value: unknown; readonly until: Date }>();

/** The value in force; what an instance has read it keeps for half a minute. */
export async function setting<Key extends SettingKey>(key: Key): Promise<ValueOf<Key>> {
  const now = clock.now();
  const cached = known.get(key);
  if (cached && cached.until > now) return cached.value as ValueOf<Key>;
  return settingNow(key);
}

/** The value in force at this moment, for what must not go on for half a minute after it is stopped. */
export async function settingNow<Key extends SettingKey>(key: Key): Promise<ValueOf<Key>> {
  const row = await SystemSettings.findOne({ key }).lean();
  const { shape, default: fallback } = SETTINGS[key];
  const parsed = row ? shape.safeParse(row.value) : undefined;
  const value = parsed?.success ? parsed.data : fallback;
  known.set(key, { value, until: after(clock.now(), FRESH_MS) });
  return value as ValueOf<Key>;
}

/** Changes a setting for everybody; other instances follow within half a minute. */
export async function changeSetting<Key extends SettingKey>(
  key: Key,
  value: ValueOf<Key>,
  kind: SystemSetting['kind'] = 'config',
): Promise<void> {
  await SystemSettings.updateOne(
    { key },
    { $set: { value: SETTINGS[key].shape.parse(value), kind }, $inc: { version: 1 } },
    { upsert: true },
  );
  known.delete(key);
}
