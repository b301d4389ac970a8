import { approve, propose } from '#domain/admin/approvals.ts';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { setting } from '#domain/system/settings.ts';
import { rememberBirthDate } from '#domain/users/accounts.ts';
import { findActiveUser } from '#domain/users/users.ts';
import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import {
  type ReasonCode,
  type SellerVerification,
  SellerVerifications,
} from './seller-verification.model.ts';
import { followUp } from './verification-effects.ts';
import {
  DEEDS,
  type Learned,
  moveVerification,
  type VerificationDeed,
  type VerificationRow,
} from './verification-state.ts';
import { caseById, casesOf } from './verifications.ts';

/** What staff may do with a case. */
export const STAFF_DEEDS = [
  'approve',
  'reject',
  'needs_info',
  'claim',
  'suspend',
  'reinstate',
  'revoke',
] as const satisfies readonly VerificationDeed[];

const NEED_REASON: readonly VerificationDeed[] = ['reject', 'needs_info', 'suspend', 'revoke'];

export interface Decision {
  readonly user: Id<'user'>;
  /** Which case, where somebody has several. */
  readonly verification?: Id<'verification'> | undefined;
  readonly deed: (typeof STAFF_DEEDS)[number];
  readonly note?: string | undefined;
  readonly reasonCode?: ReasonCode | undefined;
}

/** How long documents stay after a decision. */
const KEEP_DOCUMENTS_MS = days(90);

/**
 * Carries out a decision of staff. Approving somebody who has no case opens one that says so; a
 * revocation waits until a second person asks for it too. Throws `NotFound`, `Conflict` and
 * `SecondPersonRequired`.
 */
export const decide = (decision: Decision, staff: Staff, now: Date): Promise<VerificationRow> =>
  transaction(async () => {
    if (!(await findActiveUser(decision.user))) throw new NotFound();
    const before = await caseFor(decision);
    const decided = before
      ? await decideOn(before, decision, staff.actor.id, now)
      : await grant(decision, staff.actor.id, now);
    await recordDeed(
      staff,
      {
        permission: 'sellers.verify',
        action: `sellers.${decision.deed}`,
        target: { type: 'user', id: decision.user },
        before: { status: before?.status ?? null },
        after: { status: decided.status, verification: decided._id },
        reason: [decision.reasonCode, decision.note].filter(Boolean).join(': '),
      },
      now,
    );
    return decided;
  });

/** The case that was named; else the one that waits for a decision; else the one that is not over. */
async function caseFor({ user, verification, deed }: Decision): Promise<VerificationRow | null> {
  if (verification) {
    const named = await caseById(verification);
    if (!named.user.equals(user)) throw new NotFound();
    return named;
  }
  const open = (await casesOf(user)).filter(({ current }) => current);
  const from: readonly string[] = DEEDS[deed].from;
  return open.find(({ status }) => from.includes(status)) ?? open[0] ?? null;
}

async function decideOn(
  row: VerificationRow,
  { deed, note, reasonCode }: Decision,
  by: Id<'user'>,
  now: Date,
): Promise<VerificationRow> {
  if (deed === 'revoke') {
    const asked = await askedForRevocation(row, { by, note }, now);
    if (asked) return asked;
  }
  const learned: Learned = { ...(await learnedBy(row, deed, by, now)), by, note };
  const code = reasonCode ?? (NEED_REASON.includes(deed) ? 'other' : undefined);
  const decided = await moveVerification(
    row,
    deed,
    {
      ...learned,
      set: { ...learned.set, ...(note && { note }), ...(code && { reasonCode: code }) },
      reasonCode: code,
    },
    now,
  );
  if (deed === 'approve' && row.birthDate) await rememberBirthDate(row.user, row.birthDate);
  await followUp(decided, deed, { by, now });
  return decided;
}

/** What a deed leaves on the case. */
async function learnedBy(
  row: VerificationRow,
  deed: Decision['deed'],
  by: Id<'user'>,
  now: Date,
): Promise<Pick<Learned, 'set' | 'unset'>> {
  const eraseAt = after(now, KEEP_DOCUMENTS_MS);
  if (deed === 'claim') return { set: { reviewer: by } };
  if (deed === 'needs_info') return { set: { reviewer: by, decidedAt: now } };
  if (deed === 'approve') {
    const expiresAt = endOf(row);
    const nameCleared = row.checks.some(({ outcome }) => outcome === 'look');
    const known = { reviewer: by, decidedAt: now, eraseAt, nameCleared };
    const set = { ...known, ...(expiresAt && { expiresAt }) };
    return { set, unset: expiresAt ? ['warnedDays'] : ['warnedDays', 'expiresAt'] };
  }
  if (deed === 'reject' || deed === 'revoke') {
    const reapplyAt = after(now, days(await setting('sellers.reapplyDays')));
    return { set: { reviewer: by, decidedAt: now, eraseAt, reapplyAt } };
  }
  if (deed === 'suspend') return {};
  const nameCleared = row.nameCleared || row.reasonCode === 'sanctions';
  return { set: { nameCleared }, unset: ['revocation'] };
}

/** An approval ends with the first of its documents; undefined when none of them ends. */
function endOf({ documents }: Pick<SellerVerification, 'documents'>): Date | undefined {
  const ends = documents.flatMap(({ validUntil }) => (validUntil ? [validUntil.getTime()] : []));
  return ends.length > 0 ? new Date(Math.min(...ends)) : undefined;
}

/** The case with its open question; undefined once the second person has answered it. */
async function askedForRevocation(
  row: VerificationRow,
  { by, note = '' }: { readonly by: Id<'user'>; readonly note: string | undefined },
  now: Date,
): Promise<VerificationRow | undefined> {
  if (row.status !== 'suspended') throw new Conflict({ current: row.status });
  if (row.revocation) {
    await approve('sellers.revoke', row.revocation, by, now);
    return undefined;
  }
  const revocation = await propose(
    'sellers.revoke',
    { verification: row._id, user: row.user },
    { by, reason: note },
  );
  const asked = await SellerVerifications.findOneAndUpdate(
    { _id: row._id, status: 'suspended', version: row.version },
    { $set: { revocation }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  ).lean<VerificationRow>();
  if (!asked) throw new Conflict({ current: row.status });
  return asked;
}

/** A case for somebody who never applied, decided at once, so that there is always a record. */
async function grant(
  { user, deed, note }: Decision,
  by: Id<'user'>,
  now: Date,
): Promise<VerificationRow> {
  if (deed !== 'approve') throw new Conflict({ current: null });
  const _id = newId<'verification'>();
  const step = { deed, status: 'approved', at: now, by, ...(note && { note }) };
  const row = {
    ...{ _id, user, purpose: 'shop', current: true, kind: 'admin_granted', status: 'approved' },
    ...{ reviewer: by, decidedAt: now, timeline: [step], ...(note && { note }) },
  };
  await SellerVerifications.create([row as never]);
  const granted = await caseById(_id);
  await followUp(granted, 'approve', { by, now });
  return granted;
}
