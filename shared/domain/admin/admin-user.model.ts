import { PERMISSIONS, type Permission } from '#platform/access.ts';
import { collection, oneOf, requiredRef, text } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** What a user with the role admin may do. There is no separate login for staff. */
export interface AdminUser {
  readonly user: Id<'user'>;
  readonly permissions: readonly Permission[];
  readonly team?: string;
  readonly status: 'active' | 'left';
  readonly mfaRequired: boolean;
}

export const AdminUsers = collection<AdminUser>('AdminUser', {
  fields: {
    user: requiredRef('User'),
    permissions: { type: [{ type: String, enum: [...PERMISSIONS] }], default: [] },
    team: text,
    status: oneOf(['active', 'left'], 'active'),
    mfaRequired: { type: Boolean, default: true },
  },
  indexes: [
    [{ user: 1 }, { unique: true }], // permissionsOf
  ],
  personalData: {
    owner: ['user'],
    erase: 'retain',
    because: 'Who had which power over others is kept for a year after they left.',
  },
});
