import { setting } from '#domain/system/settings.ts';
import { createAccount, privateUser } from '#domain/users/accounts.ts';
import type { PrivateUser } from '#domain/users/user-views.ts';
import { openWallet } from '#domain/wallet/wallets.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { newId } from '#platform/id.ts';
import { hashPassword } from '#platform/password.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { type Origin, openSession, type Tokens } from './sessions.ts';
import { issueLink } from './verifications.ts';

export interface Registration {
  readonly username: string;
  readonly email: string;
  readonly password: string;
  readonly displayName?: string | undefined;
  /** `2001-12-31` */
  readonly birthDate?: string | undefined;
  readonly locale: string;
}

export type SignedIn = Tokens & { readonly user: PrivateUser };

/** Opens an account with everything that belongs to one, and signs its owner in. */
export async function register(
  { username, email, password, displayName, birthDate, locale }: Registration,
  origin: Origin,
  now: Date,
): Promise<SignedIn> {
  const birthday = birthDate === undefined ? undefined : new Date(birthDate);
  if (birthday) await requireAge(birthday, now);
  const currency = await setting('wallet.currency');
  // The hash is made before the transaction where this one is the outermost: it takes a while.
  const passwordHash = await hashPassword(password);
  const id = newId<'user'>();
  return transaction(async () => {
    const region = config().REGION;
    await createAccount(
      {
        id,
        username,
        email,
        passwordHash,
        displayName,
        birthDate: birthday,
        locale,
        currency,
        region,
      },
      now,
    );
    await openWallet(id, currency, now);
    const tokens = await openSession({ _id: id, role: 'user', tokenVersion: 0 }, origin, now);
    await issueLink('verify_email', id, email, now);
    const user = await privateUser(id, now);
    if (!user) throw new Error('The account that was just made is not there');
    return { user, ...tokens };
  });
}

async function requireAge(birthday: Date, now: Date): Promise<void> {
  const years = await setting('accounts.minimumAgeYears');
  const oldEnough = new Date(birthday);
  oldEnough.setUTCFullYear(oldEnough.getUTCFullYear() + years);
  if (oldEnough > now)
    throw new ValidationFailed({
      field: 'birthDate',
      details: [`birthDate: you must be at least ${years} years old`],
    });
}
