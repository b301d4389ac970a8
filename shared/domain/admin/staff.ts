import { setRole } from '#domain/users/users.ts';
import type { Permission } from '#platform/access.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { AdminUsers } from './admin-user.model.ts';

/** What this administrator may do; nothing for anybody else. */
export async function permissionsOf(user: Id<'user'>): Promise<readonly Permission[]> {
  const staff = await AdminUsers.findOne({ user, status: 'active' }, { permissions: 1 }).lean();
  return staff?.permissions ?? [];
}

/** Makes somebody a member of staff who may do exactly this. */
export const grantStaff = (
  user: Id<'user'>,
  permissions: readonly Permission[],
  team?: string,
): Promise<void> =>
  transaction(async () => {
    const granted = [...new Set(permissions)];
    await AdminUsers.updateOne(
      { user },
      { $set: { permissions: granted, status: 'active', ...(team && { team }) } },
      { upsert: true },
    );
    await setRole(user, 'admin');
  });
