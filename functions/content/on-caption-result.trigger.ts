import { receiveRecognition } from '#domain/content/recognise-caption.ts';
import { trigger } from '#platform/trigger.ts';

export default trigger({
  summary: 'Make captions of what was recognised.',
  bucket: 'CAPTIONS_BUCKET',

  handler: ({ name, now }) => receiveRecognition(name, now),
});
