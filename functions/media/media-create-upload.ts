import { z } from 'zod';
import {
  FileTooLarge,
  InvalidFileType,
  PURPOSES,
  UploadQuotaReached,
} from '#domain/media/media-limits.ts';
import { MediaStatus } from '#domain/media/media-status.ts';
import { createUpload } from '#domain/media/uploads.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Announce a file, and get a resumable session to send its bytes to.',
  method: 'POST',
  path: '/api/media/uploads',
  access: 'verified',
  restrictedBy: 'post',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'required',
  effect: 'outside',
  secretAnswer: true,
  body: z.object({
    purpose: z.enum(PURPOSES),
    bytes: z.int().min(1),
    mime: z.string().trim().toLowerCase().max(100),
    /** Of the whole file, in hex; what arrives must match it. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
    name: z.string().trim().max(200).optional(),
  }),
  status: 201,
  output: z.object({
    asset: MediaStatus.pick({ id: true, status: true }),
    upload: z.object({
      url: z.url(),
      method: z.literal('PUT'),
      headers: z.record(z.string(), z.string()),
      expiresAt: z.iso.datetime(),
    }),
  }),
  problems: [InvalidFileType, FileTooLarge, UploadQuotaReached],

  handler: async ({ actor, body, now, operationId, request }) => {
    const origin = request.header('origin');
    const { asset, upload } = await createUpload(
      { ...body, owner: actor.id, operationId, ...(origin && { origin }) },
      now,
    );
    return {
      asset: { id: asset._id.toHexString(), status: asset.status },
      upload: { ...upload, expiresAt: upload.expiresAt.toISOString() },
    };
  },
});
