import { credentialsOf } from '#domain/users/accounts.ts';
import { config } from '#platform/config.ts';
import type { Id } from '#platform/id.ts';
import type { Mail } from '#platform/mail.ts';
import { sessionById } from './sessions.ts';
import { openVerification, secretOf } from './verifications.ts';

export type Letter = Omit<Mail, 'messageId'>;

/** The link stands after a #, which no server on the way gets to log. */
const link = (path: string, token: string): string =>
  `${config().PUBLIC_BASE_URL.replace(/\/$/, '')}${path}#token=${token}`;

/** The letter for a link that was issued; none once it is spent or over, or when it was for nobody. */
export async function verificationLetter(
  id: Id<'verification'>,
  now: Date,
): Promise<Letter | undefined> {
  const row = await openVerification(id, now);
  const to = row?.payload['email'];
  if (!row?.user || typeof to !== 'string' || row.kind === 'mfa_challenge') return undefined;
  const token = secretOf(row.kind, id);
  if (row.kind === 'verify_email')
    return {
      to,
      subject: 'Confirm your email address',
      text: `Welcome to Mixillo!

Confirm that this is your email address:
${link('/verify-email', token)}

The link is good for 24 hours. If you did not open an account, ignore this letter.`,
    };
  return {
    to,
    subject: 'Choose a new password',
    text: `Somebody, hopefully you, asked for a new password for your Mixillo account.

Choose one here:
${link('/reset-password', token)}

The link is good for one hour and works once. If it was not you, ignore this letter: nothing changes.`,
  };
}

/** The letter about a sign-in on a device that was not seen before; none once that session is over. */
export async function newDeviceLetter(id: Id<'session'>): Promise<Letter | undefined> {
  const session = await sessionById(id);
  if (!session || session.revokedAt) return undefined;
  const account = await credentialsOf(session.user);
  if (!account || account.status === 'erased') return undefined;
  const device =
    session.device.name ?? session.device.platform ?? 'a device we do not know by name';
  return {
    to: account.email,
    subject: 'New sign-in to your account',
    text: `Your Mixillo account ${account.username} was signed in to from ${device},
network ${session.network}.

If that was you, there is nothing to do. If not, choose a new password and end the session in your
settings, under Devices.`,
  };
}
