import { receiveObject } from '#domain/media/uploads.ts';
import { trigger } from '#platform/trigger.ts';

export default trigger({
  summary: 'Take note of an uploaded file, and delete one that nobody announced.',
  bucket: 'UPLOADS_BUCKET',

  handler: ({ bucket, name, generation, bytes, now }) =>
    receiveObject({ bucket, name, generation, bytes }, now),
});
