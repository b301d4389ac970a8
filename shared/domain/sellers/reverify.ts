import { notify } from '#domain/notifications/notifications.ts';
import { after, days } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { deletePrefix } from '#platform/storage.ts';
import { folderOf } from './documents.ts';
import { sanctionedKeys } from './sanctions.ts';
import { SellerVerifications } from './seller-verification.model.ts';
import { followUp } from './verification-effects.ts';
import { moveVerification, type VerificationRow } from './verification-state.ts';

/** The owner hears this many days before an approval ends; the nearest first, so that a late run warns once. */
export const WARNING_DAYS = [1, 7, 30] as const;

type Cases = Promise<VerificationRow[]>;

/** Approvals that end within so many days, whose owners have not been told that. */
export const endingCases = (within: number, now: Date, limit: number): Cases =>
  SellerVerifications.find({
    expiresAt: { $gt: now, $lte: after(now, days(within)) },
    status: 'approved',
    $or: [{ warnedDays: { $exists: false } }, { warnedDays: { $gt: within } }],
  })
    .sort({ expiresAt: 1, _id: 1 })
    .limit(limit)
    .lean<VerificationRow[]>()
    .exec();

export const warn = (row: VerificationRow, within: number, now: Date): Promise<void> =>
  transaction(async () => {
    const { modifiedCount } = await SellerVerifications.updateOne(
      { _id: row._id, status: 'approved', version: row.version },
      { $set: { warnedDays: within }, $inc: { version: 1 } },
    );
    if (modifiedCount === 0) return;
    const subject = { type: 'verification', id: row._id };
    await notify({ user: row.user, type: 'account_notice', subject }, now);
  });

/** Approvals whose documents have ended. */
export const endedCases = (now: Date, limit: number): Cases =>
  SellerVerifications.find({ expiresAt: { $lte: now }, status: 'approved' })
    .sort({ expiresAt: 1, _id: 1 })
    .limit(limit)
    .lean<VerificationRow[]>()
    .exec();

/** Ends an approval: nothing more is sold until it is renewed; what was sold is still delivered. */
export const expire = (row: VerificationRow, now: Date): Promise<void> =>
  transaction(async () => {
    const expired = await moveVerification(row, 'expire', { unset: ['warnedDays'] }, now);
    await followUp(expired, 'expire', { now });
  });

/** Approved people whose names have come onto the list of those to look at. */
export const sanctionedCases = async (limit: number): Cases => {
  const keys = await sanctionedKeys();
  if (keys.length === 0) return [];
  return SellerVerifications.find({
    nameKey: { $in: [...keys] },
    status: 'approved',
    nameCleared: false,
  })
    .limit(limit)
    .lean<VerificationRow[]>();
};

/** Keeps somebody from selling until staff has looked at their name. */
export const suspendSanctioned = (row: VerificationRow, now: Date): Promise<void> =>
  transaction(async () => {
    const reason = { reasonCode: 'sanctions' } as const;
    const suspended = await moveVerification(row, 'suspend', { ...reason, set: reason }, now);
    await followUp(suspended, 'suspend', { now });
  });

/** Cases whose documents nobody may keep any longer. */
export const casesToErase = (now: Date, limit: number): Cases =>
  // `$exists` repeats the index's own condition, without which not every engine uses it.
  SellerVerifications.find({ eraseAt: { $exists: true, $lte: now } })
    .sort({ eraseAt: 1, _id: 1 })
    .limit(limit)
    .lean<VerificationRow[]>()
    .exec();

/** Deletes the documents of a case: from the books, then their bytes, and then it is done with. */
export async function eraseDocuments({ _id, user, eraseAt, version }: VerificationRow) {
  if (!eraseAt) return;
  const { modifiedCount } = await SellerVerifications.updateOne(
    { _id, eraseAt, version },
    { $set: { documents: [] } },
  );
  if (modifiedCount === 0) return;
  await deletePrefix(config().KYC_BUCKET, folderOf({ _id, user }));
  await SellerVerifications.updateOne({ _id, eraseAt }, { $unset: { eraseAt: 1 } });
}
