import { confirmEmail, credentialsOf } from '#domain/users/accounts.ts';
import { after, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { UserNotFound } from '#platform/problem.ts';
import { EmailVerified } from './auth-events.ts';
import { LinkInvalid, TooManyAttempts } from './auth-problems.ts';
import { consume, issueLink, linksSince } from './verifications.ts';

const LETTERS_AN_HOUR = 4;

/** Has the link mailed again; false when the address is confirmed already. */
export async function askForConfirmation(user: Id<'user'>, now: Date): Promise<boolean> {
  const account = await credentialsOf(user);
  if (!account) throw new UserNotFound();
  if (account.emailVerifiedAt) return false;
  if ((await linksSince(after(now, -hours(1)), 'verify_email', user)) >= LETTERS_AN_HOUR)
    throw new TooManyAttempts({ retryAfterSeconds: 3600 });
  await transaction(() => issueLink('verify_email', user, account.email, now));
  return true;
}

/** Confirms the address that the link was mailed to. Throws `LinkInvalid` unless it is still the account's. */
export const confirmByLink = (token: string, now: Date): Promise<void> =>
  transaction(async () => {
    const link = await consume('verify_email', token, now);
    if (!link?.user) throw new LinkInvalid();
    const email = String(link.payload['email']);
    if (!(await confirmEmail(link.user, email, now))) throw new LinkInvalid();
    await publish(EmailVerified, { userId: link.user }, { now, actor: link.user });
  });
