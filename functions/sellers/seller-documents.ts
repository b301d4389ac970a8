import { z } from 'zod';
import {
  announceDocument,
  DOCUMENT_TYPES,
  MAX_DOCUMENT_BYTES,
  TooManyDocuments,
} from '#domain/sellers/documents.ts';
import { DOCUMENT_KINDS, PURPOSES } from '#domain/sellers/verifications.ts';
import { endpoint } from '#platform/endpoint.ts';
import { IdText } from '#platform/id.ts';
import { Conflict, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Announce a document of your application, and get a session to send its bytes to.',
  method: 'POST',
  path: '/api/seller/documents',
  access: 'verified',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'required',
  effect: 'outside',
  secretAnswer: true,
  body: z.object({
    kind: z.enum(DOCUMENT_KINDS),
    mime: z.enum(DOCUMENT_TYPES),
    bytes: z.int().min(1).max(MAX_DOCUMENT_BYTES),
    /** The day on which the paper itself ends. */
    validUntil: z.iso.date().optional(),
    /** Which application, where there are two. */
    purpose: z.enum(PURPOSES).optional(),
  }),
  status: 201,
  output: z.object({
    document: z.object({ id: IdText, status: z.string() }),
    upload: z.object({
      url: z.url(),
      method: z.literal('PUT'),
      headers: z.record(z.string(), z.string()),
      expiresAt: z.iso.datetime(),
    }),
  }),
  problems: [Conflict, TooManyDocuments],

  handler: async ({ actor, body, now, operationId, request }) => {
    const validUntil = body.validUntil === undefined ? undefined : new Date(body.validUntil);
    if (validUntil && validUntil <= now) throw new ValidationFailed({ field: 'validUntil' });
    const origin = request.header('origin');
    const wish = { ...body, validUntil, owner: actor.id, operationId, origin };
    const { document, upload } = await announceDocument(wish, now);
    return {
      document: { id: document.id.toHexString(), status: document.status },
      upload: { ...upload, expiresAt: upload.expiresAt.toISOString() },
    };
  },
});
