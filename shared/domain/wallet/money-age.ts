import { setting } from '#domain/system/settings.ts';
import { findActiveUser } from '#domain/users/users.ts';
import type { Id } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';

export class UnderAge extends problem({
  code: 'under_age',
  status: 403,
  error: 'You are not old enough for this',
}) {}

/**
 * Throws `UnderAge` for whoever says to be too young to take money out. Who never said so is
 * known by the verification of their identity, which asks for it.
 */
export async function requireMoneyAge(user: Id<'user'>, now: Date): Promise<void> {
  const birthDate = (await findActiveUser(user))?.birthDate;
  if (!birthDate) return;
  const ofAge = new Date(birthDate);
  ofAge.setUTCFullYear(ofAge.getUTCFullYear() + (await setting('accounts.moneyAgeYears')));
  if (ofAge > now) throw new UnderAge();
}
