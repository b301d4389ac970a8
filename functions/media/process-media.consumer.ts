import { MediaUploaded } from '#domain/media/media-events.ts';
import { processAsset } from '#domain/media/process-asset.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Check an uploaded file, convert it, and say what became of it.',
  on: [MediaUploaded],
  effect: 'outside',
  resources: { memoryMb: 4096, timeoutSeconds: 540, concurrency: 1 },

  handler: ({ data: { assetId }, now, attempt }) => processAsset(assetId, { now, attempt }),
});
