import { captionAsset } from '#domain/content/recognise-caption.ts';
import { MediaAudible } from '#domain/media/media-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Ask for the captions of a waiting video as soon as its sound is there.',
  on: [MediaAudible],
  effect: 'database',

  handler: ({ data: { assetId }, now }) => captionAsset(assetId, now),
});
