import { z } from 'zod';
import { type Id, IdText } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import {
  DOCUMENT_CODES,
  DOCUMENT_KINDS,
  PURPOSES,
  REASON_CODES,
  type SellerVerification,
  SellerVerifications,
  VERIFICATION_KINDS,
  VERIFICATION_STATUSES,
  type VerificationDocument,
} from './seller-verification.model.ts';
import type { VerificationRow } from './verification-state.ts';

export { DOCUMENT_KINDS, PURPOSES, REASON_CODES } from './seller-verification.model.ts';
export type Purpose = SellerVerification['purpose'];

/** Nobody has more cases than this shows: a refused one has to wait a week. */
const MOST_CASES = 50;

/** Whether it is known who this is: an approval of any kind that has not ended. */
export async function isVerified(user: Id<'user'>, now: Date): Promise<boolean> {
  const cases = await casesOf(user);
  return cases.some(
    ({ status, expiresAt }) => status === 'approved' && (!expiresAt || expiresAt > now),
  );
}

/** The cases of a person, newest first. */
export const casesOf = (user: Id<'user'>): Promise<VerificationRow[]> =>
  SellerVerifications.find({ user })
    .sort({ createdAt: -1, _id: -1 })
    .limit(MOST_CASES)
    .lean<VerificationRow[]>()
    .exec();

/** The case of a person that is not over, for one purpose. */
export const currentCase = (user: Id<'user'>, purpose: Purpose): Promise<VerificationRow | null> =>
  SellerVerifications.findOne({ user, purpose, current: true }).lean<VerificationRow>().exec();

/** Throws `NotFound`. */
export async function caseById(id: Id<'verification'>): Promise<VerificationRow> {
  const found = await SellerVerifications.findOne({ _id: id }).lean<VerificationRow>();
  if (!found) throw new NotFound();
  return found;
}

const time = (at: Date | undefined): string | null => at?.toISOString() ?? null;

export const DocumentView = z.object({
  id: IdText,
  kind: z.enum(DOCUMENT_KINDS),
  mime: z.string(),
  bytes: z.int(),
  status: z.enum(['awaited', 'checked', 'refused']),
  /** Why it was refused. */
  code: z.enum(DOCUMENT_CODES).nullable(),
  validUntil: z.iso.datetime().nullable(),
});

export const toDocumentView = (one: VerificationDocument): z.infer<typeof DocumentView> => ({
  id: one.id.toHexString(),
  kind: one.kind,
  mime: one.mime,
  bytes: one.bytes,
  status: one.status,
  code: one.code ?? null,
  validUntil: time(one.validUntil),
});

/** A case as its owner sees it. */
export const VerificationView = z.object({
  id: IdText,
  kind: z.enum(VERIFICATION_KINDS),
  purpose: z.enum(PURPOSES),
  status: z.enum(VERIFICATION_STATUSES),
  legalName: z.string(),
  country: z.string(),
  documents: z.array(DocumentView),
  reasonCode: z.enum(REASON_CODES).nullable(),
  note: z.string().nullable(),
  decidedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  /** From when on somebody refused may apply again. */
  reapplyAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});
export type VerificationView = z.infer<typeof VerificationView>;

export const toVerificationView = (row: VerificationRow): VerificationView => ({
  id: row._id.toHexString(),
  kind: row.kind,
  purpose: row.purpose,
  status: row.status,
  legalName: row.legalName,
  country: row.country,
  documents: row.documents.map(toDocumentView),
  reasonCode: row.reasonCode ?? null,
  note: row.note ?? null,
  decidedAt: time(row.decidedAt),
  expiresAt: time(row.expiresAt),
  reapplyAt: time(row.reapplyAt),
  createdAt: row.createdAt.toISOString(),
});
