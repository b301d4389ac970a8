import { after, days } from '#platform/clock.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { Conflict, problem } from '#platform/problem.ts';
import { ApplicationIncomplete, isGood, missingFrom } from './requirements.ts';
import { nameKeyOf, sanctionedKeys } from './sanctions.ts';
import { type SellerVerification, SellerVerifications } from './seller-verification.model.ts';
import { followUp } from './verification-effects.ts';
import { EDITABLE, moveVerification, type VerificationRow } from './verification-state.ts';
import { caseById, casesOf, currentCase, type Purpose } from './verifications.ts';

export class TooSoonToApply extends problem({
  code: 'too_soon_to_apply',
  status: 409,
  error: 'You can apply again in a few days',
}) {}

/** How long an application that nobody goes on with keeps its documents. */
export const KEEP_DRAFT_MS = days(90);

export interface ApplicationForm {
  readonly kind: Exclude<SellerVerification['kind'], 'admin_granted'>;
  readonly legalName: string;
  /** An ISO country code. */
  readonly country: string;
  /** Where the account does not know it. */
  readonly birthDate?: Date | undefined;
}

const purposeOf = (kind: ApplicationForm['kind']): Purpose =>
  kind === 'creator' ? 'creator' : 'shop';

/**
 * Begins an application, or corrects the one that was begun. Inside the caller's transaction.
 * Throws `TooSoonToApply` after a refusal, and `Conflict` while there is one that is not open.
 */
export async function startApplication(
  user: Id<'user'>,
  { kind, legalName, country, birthDate }: ApplicationForm,
  now: Date,
): Promise<VerificationRow> {
  const purpose = purposeOf(kind);
  const eraseAt = after(now, KEEP_DRAFT_MS);
  const names = { legalName, nameKey: nameKeyOf(legalName), nameCleared: false };
  const form = { kind, ...names, country, eraseAt };
  const filled = { ...form, ...(birthDate && { birthDate }) };
  const current = await currentCase(user, purpose);
  if (!current) return begin(user, purpose, filled, now);
  const { modifiedCount } = await SellerVerifications.updateOne(
    { _id: current._id, status: { $in: [...EDITABLE] } },
    { $set: filled, $inc: { version: 1 } },
  );
  if (modifiedCount === 0) throw new Conflict({ current: current.status });
  return caseById(current._id);
}

async function begin(
  user: Id<'user'>,
  purpose: Purpose,
  form: Partial<SellerVerification>,
  now: Date,
): Promise<VerificationRow> {
  const earlier = (await casesOf(user)).find((one) => one.purpose === purpose);
  if (earlier?.reapplyAt && earlier.reapplyAt > now)
    throw new TooSoonToApply({ until: earlier.reapplyAt });
  const _id = newId<'verification'>();
  const step = { deed: 'start', status: 'draft', at: now };
  await SellerVerifications.create([
    { ...form, _id, user, purpose, current: true, status: 'draft', timeline: [step] } as never,
  ]);
  return caseById(_id);
}

/** The open case that a person means. Throws `Conflict` without one. */
export async function openCase(
  user: Id<'user'>,
  purpose: Purpose | undefined,
): Promise<VerificationRow> {
  const open = (await casesOf(user)).filter(
    (one) => one.current && (purpose === undefined || one.purpose === purpose),
  );
  const meant = open.find(({ status }) => EDITABLE.includes(status)) ?? open[0];
  if (!meant) throw new Conflict({ current: null });
  return meant;
}

/**
 * Hands an application in. What the checks find nothing in goes to review at once; the rest waits
 * for somebody who takes it on. Inside the caller's transaction. Throws `ApplicationIncomplete`.
 */
export async function submitApplication(
  user: Id<'user'>,
  purpose: Purpose | undefined,
  now: Date,
): Promise<VerificationRow> {
  if (!inTransaction()) throw new Error('submitApplication() must be called inside transaction()');
  const row = await openCase(user, purpose);
  if (!EDITABLE.includes(row.status)) throw new Conflict({ current: row.status });
  const missing = await missingFrom(row, now);
  if (missing.length > 0) throw new ApplicationIncomplete({ details: missing });
  const documents = row.documents.filter((one) => isGood(one, now));
  const sanctioned = (await sanctionedKeys()).includes(row.nameKey);
  const checks = [
    { name: 'documents', outcome: 'passed', at: now },
    { name: 'sanctions', outcome: sanctioned ? 'look' : 'passed', at: now },
  ] as const;
  const submitted = await moveVerification(
    row,
    'submit',
    { set: { documents, checks }, unset: ['eraseAt', 'reasonCode', 'note'], by: user },
    now,
  );
  await followUp(submitted, 'submit', { by: user, now });
  return sanctioned ? submitted : moveVerification(submitted, 'claim', {}, now);
}

/** Takes an application back; its documents go. Inside the caller's transaction. */
export async function withdrawApplication(
  user: Id<'user'>,
  purpose: Purpose | undefined,
  now: Date,
): Promise<VerificationRow> {
  const row = await openCase(user, purpose);
  return moveVerification(row, 'withdraw', { set: { eraseAt: now }, by: user }, now);
}
