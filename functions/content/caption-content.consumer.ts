import { ContentCreated, ContentPublished } from '#domain/content/content-events.ts';
import { captionContent } from '#domain/content/recognise-caption.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Ask for the captions of a video whose sound is there, when its creator wants them.',
  on: [ContentCreated, ContentPublished],
  effect: 'database',

  handler: ({ data: { contentId }, now }) => captionContent(contentId, now),
});
