import { notify } from '#domain/notifications/notifications.ts';
import { changeStatus } from '#domain/users/accounts.ts';
import { type AccountView, accountOf, toAccountView } from '#domain/users/user-list.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { recordDeed, type Staff } from './audit-trail.ts';

/** Staff answer for each other through `adminUserAccess`; a ban would be a way around it. */
export class StaffAccount extends problem({
  code: 'staff_account',
  status: 409,
  error: 'This account belongs to staff',
}) {}

export interface Ban {
  readonly user: Id<'user'>;
  readonly banned: boolean;
  /** With an end it is a suspension, which ends by itself. */
  readonly until?: Date | undefined;
  readonly reason: string;
}

/**
 * Bans or suspends an account, or lifts that; every token of it is void at once, and the audit
 * trail says why. Throws `NotFound`, `StaffAccount`, and `Conflict` when it is so already.
 */
export const banUser = (
  { user, banned, until, reason }: Ban,
  staff: Staff,
  now: Date,
): Promise<AccountView> =>
  transaction(async () => {
    const before = await accountOf(user);
    if (!before || before.status === 'erased') throw new NotFound();
    if (before.role === 'admin' || sameId(user, staff.actor.id)) throw new StaffAccount();
    if (before.status === 'deactivated') throw new Conflict({ current: before.status });
    const status = banned ? (until ? 'suspended' : 'banned') : 'active';
    const by = { now, actor: staff.actor.id };
    if (!(await changeStatus(user, { status, until: banned ? until : undefined }, by)))
      throw new Conflict({ current: before.status });
    await notify({ user, type: 'account_notice', subject: { type: 'user', id: user } }, now);
    await recordDeed(
      staff,
      {
        permission: 'users.ban',
        action: banned ? 'users.ban' : 'users.unban',
        target: { type: 'user', id: user },
        before: { status: before.status, until: before.suspendedUntil ?? null },
        after: { status, until: until ?? null },
        reason,
      },
      now,
    );
    const after = await accountOf(user);
    if (!after) throw new NotFound();
    return toAccountView(after);
  });
