import { createHash } from 'node:crypto';
import { after, days } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { type Id, toId } from '#platform/id.ts';
import { Conflict, problem } from '#platform/problem.ts';
import { seal, unseal } from '#platform/seal.ts';
import { type SignedUpload, signedUpload } from '#platform/storage.ts';
import { KEEP_DRAFT_MS, openCase } from './apply.ts';
import {
  type DocumentKind,
  SellerVerifications,
  type VerificationDocument,
} from './seller-verification.model.ts';
import { EDITABLE, type VerificationRow } from './verification-state.ts';
import { casesOf, type Purpose } from './verifications.ts';

export class TooManyDocuments extends problem({
  code: 'too_many_documents',
  status: 409,
  error: 'This application has enough documents',
}) {}

export const DOCUMENT_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const;
export const MAX_DOCUMENT_BYTES = 10 * 1024 * 1024;
const MAX_DOCUMENTS = 10;
/** How long its owner may come back to an upload. */
const SESSION_MS = days(1);

export interface DocumentWish {
  readonly owner: Id<'user'>;
  readonly purpose?: Purpose | undefined;
  readonly kind: DocumentKind;
  readonly mime: (typeof DOCUMENT_TYPES)[number];
  readonly bytes: number;
  readonly validUntil?: Date | undefined;
  readonly origin?: string | undefined;
  readonly operationId: string;
}

interface Announced {
  readonly document: VerificationDocument;
  readonly upload: SignedUpload;
}

/** Where everything of one case lies in the private bucket. */
export const folderOf = ({ _id, user }: Pick<VerificationRow, '_id' | 'user'>): string =>
  `${user.toHexString()}/${_id.toHexString()}/`;

/**
 * Announces a document of an open application and opens the session that its bytes are sent to. The
 * same operation always finds the same document and session. Throws `Conflict` without an open
 * application, and `TooManyDocuments`.
 */
export async function announceDocument(wish: DocumentWish, now: Date): Promise<Announced> {
  const id = idFor(wish.owner, wish.operationId);
  const { row, document } = (await announced(wish.owner, id)) ?? (await add(wish, id, now));
  const expiresAt = after(document.at, SESSION_MS);
  const headers = { 'content-type': document.mime };
  if (document.uploadSession) {
    const url = unseal(document.uploadSession);
    return { document, upload: { url, method: 'PUT', headers, expiresAt } };
  }
  const upload = await signedUpload({
    bucket: config().KYC_BUCKET,
    object: document.object,
    contentType: document.mime,
    bytes: document.bytes,
    expiresAt,
    ...(wish.origin !== undefined && { origin: wish.origin }),
  });
  await SellerVerifications.updateOne(
    { _id: row._id, 'documents.id': id },
    { $set: { 'documents.$.uploadSession': seal(upload.url) } },
  );
  return { document, upload };
}

/** The same for every repeat of an operation, and not to be guessed by others. */
const idFor = (owner: Id<'user'>, operation: string): Id<'document'> =>
  toId(
    createHash('sha256')
      .update(JSON.stringify([owner.toHexString(), 'document', operation]))
      .digest('hex')
      .slice(0, 24),
  );

async function announced(owner: Id<'user'>, id: Id<'document'>) {
  for (const row of await casesOf(owner)) {
    const document = row.documents.find((one) => one.id.equals(id));
    if (document) return { row, document };
  }
  return undefined;
}

async function add(wish: DocumentWish, id: Id<'document'>, now: Date) {
  const { owner, purpose, kind, mime, bytes, validUntil } = wish;
  const row = await openCase(owner, purpose);
  const document: VerificationDocument = {
    ...{ id, kind, mime, bytes, status: 'awaited', at: now },
    object: `${folderOf(row)}${id.toHexString()}`,
    ...(validUntil && { validUntil }),
  };
  // What was refused makes room for what comes in its place.
  const open = { _id: row._id, status: { $in: [...EDITABLE] } };
  await SellerVerifications.updateOne(open, { $pull: { documents: { kind, status: 'refused' } } });
  const { modifiedCount } = await SellerVerifications.updateOne(
    {
      ...open,
      'documents.id': { $ne: id },
      [`documents.${MAX_DOCUMENTS - 1}`]: { $exists: false },
    },
    {
      $push: { documents: document },
      $set: { eraseAt: after(now, KEEP_DRAFT_MS) },
      $inc: { version: 1 },
    },
  );
  if (modifiedCount === 1) return { row, document };
  const repeated = await announced(owner, id);
  if (repeated) return repeated;
  if (EDITABLE.includes(row.status)) throw new TooManyDocuments();
  throw new Conflict({ current: row.status });
}
