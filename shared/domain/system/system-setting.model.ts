import { collection, mixed, oneOf, ref, requiredText, whole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export interface SystemSetting {
  readonly key: string;
  readonly kind: 'config' | 'flag' | 'termlist' | 'fee';
  readonly value: unknown;
  readonly version: number;
  readonly updatedBy?: Id<'user'>;
}

export const SystemSettings = collection<SystemSetting>('SystemSetting', {
  fields: {
    key: requiredText,
    kind: oneOf(['config', 'flag', 'termlist', 'fee'], 'config'),
    value: mixed,
    version: { ...whole, default: 1 },
    updatedBy: ref('User'),
  },
  indexes: [
    [{ key: 1 }, { unique: true }], // setting
  ],
  personalData: 'none',
});
