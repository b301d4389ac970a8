import { receiveDocument } from '#domain/sellers/receive-document.ts';
import { trigger } from '#platform/trigger.ts';

export default trigger({
  summary: 'Look into a document that proves who somebody is, and delete what is wrong.',
  bucket: 'KYC_BUCKET',
  resources: { memoryMb: 512, timeoutSeconds: 300, concurrency: 4 },

  handler: ({ bucket, name, generation, bytes, now }) =>
    receiveDocument({ bucket, name, generation, bytes }, now),
});
