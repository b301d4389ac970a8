import { z } from 'zod';
import { recordDeed, type Staff } from '#domain/admin/audit-trail.ts';
import { cardIn, cardsOf, UserCard } from '#domain/users/users.ts';
import { after, minutes } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type PageQuery } from '#platform/page.ts';
import { signedDownload } from '#platform/storage.ts';
import {
  type SellerVerification,
  SellerVerifications,
  VERIFICATION_STATUSES,
  type VerificationDocument,
  type VerificationStatus,
} from './seller-verification.model.ts';
import type { VerificationRow } from './verification-state.ts';
import {
  caseById,
  DocumentView,
  toDocumentView,
  toVerificationView,
  VerificationView,
} from './verifications.ts';

export { VERIFICATION_STATUSES } from './seller-verification.model.ts';

/** A case as it stands in a list: who, and since when; nothing that proves it. */
export const CaseSummary = VerificationView.omit({ documents: true, note: true }).extend({
  userId: IdText,
  /** A check asks for somebody to look. */
  needsLook: z.boolean(),
});
type CaseSummary = z.infer<typeof CaseSummary>;

type Row = SellerVerification & Stored;

/** The cases in one state, the oldest first. */
export const casesIn = (status: VerificationStatus, query: PageQuery) =>
  findPage<SellerVerification>({
    model: SellerVerifications,
    where: { status },
    sort: { field: 'createdAt', direction: 1 },
    query,
    scope: `verifications:${status}`,
  });

export const toCaseSummary = (row: Row): CaseSummary => ({
  ...toVerificationView(row),
  userId: row.user.toHexString(),
  needsLook: row.checks.some(({ outcome }) => outcome === 'look'),
});

/** How long an address shows a document. */
const READ_MS = minutes(5);

/** A case as staff looks at it. */
export const VerificationReview = VerificationView.extend({
  user: UserCard,
  birthDate: z.iso.date().nullable(),
  documents: z.array(DocumentView.extend({ url: z.url().nullable() })),
  checks: z.array(z.object({ name: z.string(), outcome: z.enum(['passed', 'look']) })),
  timeline: z.array(
    z.object({
      deed: z.string(),
      status: z.enum(VERIFICATION_STATUSES),
      at: z.iso.datetime(),
      by: IdText.nullable(),
      note: z.string().nullable(),
    }),
  ),
  /** The revocation that waits for a second person. */
  approvalId: IdText.nullable(),
});
type VerificationReview = z.infer<typeof VerificationReview>;

/**
 * A case with addresses that show its documents for a while; that somebody looked is in the audit
 * trail before there is anything to see. Throws `NotFound`.
 */
export async function reviewOf(
  id: Id<'verification'>,
  staff: Staff,
  now: Date,
): Promise<VerificationReview> {
  const row = await transaction(async () => {
    const found = await caseById(id);
    const target = { type: 'verification', id };
    const permission = 'sellers.verify';
    await recordDeed(staff, { permission, action: 'sellers.read_documents', target }, now);
    return found;
  });
  const documents = await Promise.all(row.documents.map((one) => readable(one, now)));
  return { ...toReview(row), documents, user: cardIn(await cardsOf([row.user]), row.user) };
}

async function readable(one: VerificationDocument, now: Date) {
  const url =
    one.status === 'checked'
      ? await signedDownload({
          bucket: config().KYC_BUCKET,
          object: one.object,
          expiresAt: after(now, READ_MS),
        })
      : null;
  return { ...toDocumentView(one), url };
}

const toReview = (row: VerificationRow) => ({
  ...toVerificationView(row),
  birthDate: row.birthDate?.toISOString().slice(0, 10) ?? null,
  checks: row.checks.map(({ name, outcome }) => ({ name, outcome })),
  timeline: row.timeline.map(({ deed, status, at, by, note }) => ({
    ...{ deed, status, at: at.toISOString() },
    by: by?.toHexString() ?? null,
    note: note ?? null,
  })),
  approvalId: row.revocation?.toHexString() ?? null,
});
