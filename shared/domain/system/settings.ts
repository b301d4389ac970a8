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
  'payouts.frozen': { shape: z.boolean(), default: false },
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
  const row = await SystemSettings.findOne({ key }).lean();
  const { shape, default: fallback } = SETTINGS[key];
  const parsed = row ? shape.safeParse(row.value) : undefined;
  const value = parsed?.success ? parsed.data : fallback;
  known.set(key, { value, until: after(now, FRESH_MS) });
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
