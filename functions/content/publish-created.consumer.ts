import { ContentCreated } from '#domain/content/content-events.ts';
import { settleAsset } from '#domain/content/publish-content.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Publish a content whose asset became ready while it was being created.',
  on: [ContentCreated],
  effect: 'database',

  handler: ({ data, now }) => settleAsset(data.assetId, now),
});
