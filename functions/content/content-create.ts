import { AssetAlreadyUsed } from '#domain/content/create-content.ts';
import { CREATE_BODY, CREATED, createFrom, VIDEO_UPLOAD } from '#domain/content/handed-in.ts';
import { MediaUnusable } from '#domain/media/assets.ts';
import { FileTooLarge, InvalidFileType, UploadQuotaReached } from '#domain/media/media-limits.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Publish a video or photo that was uploaded, or a small video sent along as a form.',
  method: 'POST',
  path: '/api/content',
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
