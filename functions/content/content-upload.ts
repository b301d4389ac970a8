import { AssetAlreadyUsed } from '#domain/content/create-content.ts';
import { CREATE_BODY, CREATED, createFrom, VIDEO_UPLOAD } from '#domain/content/handed-in.ts';
import { MediaUnusable } from '#domain/media/assets.ts';
import { FileTooLarge, InvalidFileType, UploadQuotaReached } from '#domain/media/media-limits.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Publish a small video sent as a form; the same as creating a content.',
  method: 'POST',
  path: '/api/content/upload',
  access: 'verified',
  restrictedBy: 'post',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'honoured',
  effect: 'outside',
  body: CREATE_BODY,
  upload: VIDEO_UPLOAD,
  status: 201,
  output: CREATED,
  problems: [
    AssetAlreadyUsed,
    FileTooLarge,
    InvalidFileType,
    MediaUnusable,
    NotFound,
    UploadQuotaReached,
    ValidationFailed,
  ],
  resources: { memoryMb: 512 },

  handler: createFrom,
});
