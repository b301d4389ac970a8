import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { type Id, toId } from '#platform/id.ts';
import { scanFile } from '#platform/scanner.ts';
import { sniff } from '#platform/sniff.ts';
import { deleteObject, downloadTo } from '#platform/storage.ts';
import { MAX_DOCUMENT_BYTES } from './documents.ts';
import {
  type DocumentCode,
  SellerVerifications,
  type VerificationDocument,
} from './seller-verification.model.ts';

interface ArrivedDocument {
  readonly bucket: string;
  readonly name: string;
  readonly generation: string;
  readonly bytes: number;
}

interface Expected {
  readonly _id: Id<'verification'>;
  readonly user: Id<'user'>;
  readonly documents: readonly VerificationDocument[];
}

/**
 * Looks into a document that arrived: it becomes part of the application, or is deleted with a code
 * that says why. What nobody announced is deleted. A repeat changes nothing. Throws when there was
 * no verdict, so that it is looked into again.
 */
export async function receiveDocument(arrived: ArrivedDocument, now: Date): Promise<void> {
  const { bucket, name, generation } = arrived;
  const row = await expecting(name);
  const document = row?.documents.find(({ object }) => object === name);
  if (!row || !document) return deleteObject(bucket, name, generation);
  if (document.status === 'checked') return;
  const code = document.code ?? (await inspect(arrived, document));
  if (!code) return note(row, document, { status: 'checked' });
  if (document.status === 'awaited') await refuse(row, document, code, now);
  await deleteObject(bucket, name, generation);
}

/** The case that a name says it belongs to: `<person>/<case>/<document>`. */
async function expecting(name: string): Promise<Expected | null> {
  const [, id] = /^[0-9a-f]{24}\/([0-9a-f]{24})\/[0-9a-f]{24}$/.exec(name) ?? [];
  if (id === undefined) return null;
  return SellerVerifications.findOne(
    { _id: toId<'verification'>(id) },
    { user: 1, documents: 1 },
  ).lean<Expected>();
}

/** What is wrong with it, if anything. Nothing looks into the file before the scanner has. */
async function inspect(
  { bucket, name, bytes }: ArrivedDocument,
  { mime, bytes: declared }: VerificationDocument,
): Promise<DocumentCode | undefined> {
  if (bytes > MAX_DOCUMENT_BYTES) return 'too_large';
  if (bytes !== declared) return 'size_mismatch';
  const dir = await mkdtemp(join(tmpdir(), 'document-'));
  try {
    const path = join(dir, 'document');
    await downloadTo(bucket, name, path);
    if (!(await scanFile(path)).clean) return 'malware';
    return (await sniff(path)) === mime ? undefined : 'type_mismatch';
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

interface Finding {
  readonly status: 'checked' | 'refused';
  readonly code?: DocumentCode;
}

async function note({ _id }: Expected, { id }: VerificationDocument, { status, code }: Finding) {
  await SellerVerifications.updateOne(
    { _id, documents: { $elemMatch: { id, status: 'awaited' } } },
    {
      $set: { 'documents.$.status': status, ...(code && { 'documents.$.code': code }) },
      $unset: { 'documents.$.uploadSession': 1 },
      $inc: { version: 1 },
    },
  );
}

const refuse = (
  row: Expected,
  document: VerificationDocument,
  code: DocumentCode,
  now: Date,
): Promise<void> =>
  transaction(async () => {
    await note(row, document, { status: 'refused', code });
    const subject = { type: 'verification', id: row._id };
    await notify({ user: row.user, type: 'seller_needs_info', subject }, now);
  });
