import { NewDeviceSeen } from '#domain/auth/auth-events.ts';
import { newDeviceLetter } from '#domain/auth/letters.ts';
import { consumer } from '#platform/consumer.ts';
import { sendMail } from '#platform/mail.ts';

export default consumer({
  summary: 'Mail the owner of an account that it was signed in to on a new device.',
  on: [NewDeviceSeen],
  effect: 'outside',

  handler: async ({ data: { sessionId }, eventId }) => {
    const letter = await newDeviceLetter(sessionId);
    if (letter) await sendMail({ ...letter, messageId: eventId });
  },
});
