import { notify } from '#domain/notifications/notifications.ts';
import {
  type Credentials,
  credentialsByLogin,
  credentialsOf,
  replacePassword,
} from '#domain/users/accounts.ts';
import type { Actor } from '#platform/access.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { hashPassword } from '#platform/password.ts';
import { mailedEnough } from './attempts.ts';
import { PasswordChanged } from './auth-events.ts';
import { LinkInvalid } from './auth-problems.ts';
import { confirm } from './second-factor.ts';
import { keepSession, revokeSessions } from './sessions.ts';
import { consume, isGood, issueLink } from './verifications.ts';

/** Has a link mailed to the address if it has an account. What is done, and how long it takes, is the same if not. */
export async function forgot(email: string, now: Date): Promise<void> {
  if (await mailedEnough(email, now)) return;
  const account = await credentialsByLogin(email);
  const user = account && canReset(account) ? account._id : undefined;
  await transaction(() => issueLink('reset_password', user, email, now));
}

const canReset = ({ status }: Credentials): boolean => status !== 'erased' && status !== 'banned';

/** Sets a new password for who holds a mailed link, and ends every session. */
export async function resetByLink(token: string, password: string, now: Date): Promise<void> {
  if (!(await isGood('reset_password', token, now))) throw new LinkInvalid();
  const passwordHash = await hashPassword(password);
  await transaction(async () => {
    const link = await consume('reset_password', token, now);
    const account = link?.user && (await credentialsOf(link.user));
    if (!account || !canReset(account) || account.email !== link?.payload['email'])
      throw new LinkInvalid();
    await replacePassword(account._id, passwordHash);
    await revokeSessions(account._id, { reason: 'password_changed' }, now);
    await announce(account._id, 'link', now);
  });
}

/** Sets a new password for who knows the old one, and ends every session but this one. */
export async function changePassword(
  { id, sessionId }: Actor,
  currentPassword: string,
  password: string,
  now: Date,
): Promise<void> {
  await confirm(id, { password: currentPassword }, now);
  const passwordHash = await hashPassword(password);
  const keep = toId<'session'>(sessionId);
  await transaction(async () => {
    const tokenVersion = await replacePassword(id, passwordHash);
    await keepSession(keep, tokenVersion);
    await revokeSessions(id, { reason: 'password_changed', keep }, now);
    await announce(id, 'owner', now);
  });
}

async function announce(user: Id<'user'>, by: 'link' | 'owner', now: Date): Promise<void> {
  await publish(PasswordChanged, { userId: user, by }, { now, actor: user });
  await notify({ user, type: 'account_notice', subject: { type: 'user', id: user } }, now);
}
