import { transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { BlockedUsers } from './blocked-user.model.ts';
import { removeEdge } from './follows.ts';
import { RelationChanged } from './user-events.ts';
import { findActiveUser } from './users.ts';

/** Shuts two people off from each other and ends their follows both ways. Blocking twice is blocking once. */
export async function block(blocker: Id<'user'>, blocked: Id<'user'>, now: Date): Promise<void> {
  if (blocker.equals(blocked))
    throw new ValidationFailed({ field: 'id', details: ['id: you cannot block yourself'] });
  if (!(await findActiveUser(blocked))) throw new NotFound();
  try {
    await transaction(async () => {
      if (!(await BlockedUsers.exists({ blocker, blocked })))
        await BlockedUsers.create([{ blocker, blocked }]);
      await removeEdge({ follower: blocker, followee: blocked }, blocker, now);
      await removeEdge({ follower: blocked, followee: blocker }, blocker, now);
      await announce(blocker, blocked, 'blocked', now);
    });
  } catch (error) {
    // The same block at the same moment: it is done.
    if (duplicateKey(error) === undefined) throw error;
  }
}

/** Opens the way again. What was followed before is not followed by itself. */
export const unblock = (blocker: Id<'user'>, blocked: Id<'user'>, now: Date): Promise<void> =>
  transaction(async () => {
    const { deletedCount } = await BlockedUsers.deleteOne({ blocker, blocked });
    if (deletedCount > 0) await announce(blocker, blocked, 'unblocked', now);
  });

const announce = (
  userId: Id<'user'>,
  otherId: Id<'user'>,
  change: 'blocked' | 'unblocked',
  now: Date,
) => publish(RelationChanged, { userId, otherId, change }, { now, actor: userId });
