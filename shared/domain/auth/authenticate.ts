import { permissionsOf } from '#domain/admin/staff.ts';
import { standingOf } from '#domain/users/accounts.ts';
import type { Authenticate } from '#platform/access.ts';
import { toId } from '#platform/id.ts';
import { InvalidToken, UserNotFound } from '#platform/problem.ts';
import { verifyAccessToken } from '#platform/tokens.ts';
import { livingSession, requireGoodStanding } from './sessions.ts';

/**
 * The person an access token stands for, as they are now: signing out, a new password or a ban
 * count from the next request on. Costs two reads by id side by side, and a third for staff.
 */
export const authenticate: Authenticate = async (token, now) => {
  const { id, role, sid, jti, exp } = verifyAccessToken(token, now);
  const user = toId<'user'>(id);
  const [standing, session, permissions] = await Promise.all([
    standingOf(user),
    livingSession(sid),
    role === 'admin' ? permissionsOf(user) : undefined,
  ]);
  if (!standing) throw new UserNotFound();
  requireGoodStanding(standing, now);
  if (!session?.user.equals(user) || session.tokenVersion !== standing.tokenVersion)
    throw new InvalidToken();
  return {
    id: standing._id,
    role: standing.role,
    emailVerified: standing.emailVerifiedAt !== undefined,
    restrictions: standing.restrictions,
    permissions: standing.role === 'admin' ? (permissions ?? (await permissionsOf(user))) : [],
    sessionId: sid,
    tokenId: jti,
    tokenExpiresAt: new Date(exp * 1000),
  };
};
