import type { Role } from '#platform/access.ts';
import type { Id } from '#platform/id.ts';
import { Users } from './user.model.ts';

/** Makes somebody a seller, an administrator, or an ordinary user again. */
export async function setRole(user: Id<'user'>, role: Role): Promise<void> {
  await Users.updateOne({ _id: user }, { $set: { role } });
}
