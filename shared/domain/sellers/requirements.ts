import { setting } from '#domain/system/settings.ts';
import { hasSecondFactor } from '#domain/users/second-factors.ts';
import { findActiveUser } from '#domain/users/users.ts';
import { config } from '#platform/config.ts';
import { problem } from '#platform/problem.ts';
import type { DocumentKind, VerificationDocument } from './seller-verification.model.ts';
import type { VerificationRow } from './verification-state.ts';

/** What somebody has to do before their application can be looked at. */
export const REQUIREMENTS = [
  'confirm_email',
  'enable_mfa',
  'give_birth_date',
  'be_of_age',
  'give_legal_name',
  'choose_supported_country',
  'upload_identity',
  'upload_business',
] as const;
export type Requirement = (typeof REQUIREMENTS)[number];

/** `details` names what is missing, in the words of `REQUIREMENTS`. */
export class ApplicationIncomplete extends problem({
  code: 'application_incomplete',
  status: 409,
  error: 'Something is missing from this application',
}) {}

/** Whether a document was looked into, and the paper is still good. */
export const isGood = (
  { status, validUntil }: Pick<VerificationDocument, 'status' | 'validUntil'>,
  now: Date,
): boolean => status === 'checked' && (!validUntil || validUntil > now);

/** What is missing from an application, in the order in which to do it. */
export async function missingFrom(row: VerificationRow, now: Date): Promise<Requirement[]> {
  const account = await findActiveUser(row.user);
  const birthDate = account?.birthDate ?? row.birthDate;
  const has = (kind: DocumentKind) =>
    row.documents.some((one) => one.kind === kind && isGood(one, now));
  const needsMfa = (await setting('sellers.requireMfa')) && !(await hasSecondFactor(row.user));
  const missing: Readonly<Record<Requirement, boolean>> = {
    confirm_email: config().REQUIRE_VERIFIED_EMAIL && !account?.emailVerifiedAt,
    enable_mfa: needsMfa,
    give_birth_date: !birthDate,
    be_of_age: birthDate ? !(await isOfAge(birthDate, now)) : false,
    give_legal_name: row.legalName === '',
    choose_supported_country: !(await isSupported(row.country)),
    upload_identity: !has('identity'),
    upload_business: row.kind === 'business' && !has('business'),
  };
  return REQUIREMENTS.filter((one) => missing[one]);
}

async function isOfAge(birthDate: Date, now: Date): Promise<boolean> {
  const ofAge = new Date(birthDate);
  ofAge.setUTCFullYear(ofAge.getUTCFullYear() + (await setting('accounts.moneyAgeYears')));
  return ofAge <= now;
}

export const isSupported = async (country: string): Promise<boolean> =>
  (await setting('sellers.countries')).includes(country);
