import { settleAsset } from '#domain/content/publish-content.ts';
import { MediaFailed, MediaReady, MediaRejected } from '#domain/media/media-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Publish the content that waited for an asset, or end its wait.',
  on: [MediaReady, MediaRejected, MediaFailed],
  effect: 'database',

  handler: ({ data, now }) => settleAsset(data.assetId, now),
});
