import { DeadLettered, recordDeadLetter } from '#domain/system/dead-letters.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Keep an event that a consumer gave up on where an operator can see and replay it.',
  on: [DeadLettered],
  effect: 'outside',

  handler: async ({ eventId, attributes, now, log }) => {
    const letter = await recordDeadLetter(eventId, attributes, now);
    log.error('event became a dead letter', { eventId, consumer: letter.consumer });
  },
});
