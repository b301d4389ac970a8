import { CaptionRequested } from '#domain/content/caption-events.ts';
import { startCaption } from '#domain/content/recognise-caption.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Have what is said in a video recognised.',
  on: [CaptionRequested],
  effect: 'outside',

  handler: ({ data: { captionId }, now }) => startCaption(captionId, now),
});
