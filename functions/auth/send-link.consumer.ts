import { VerificationIssued } from '#domain/auth/auth-events.ts';
import { verificationLetter } from '#domain/auth/letters.ts';
import { consumer } from '#platform/consumer.ts';
import { sendMail } from '#platform/mail.ts';

export default consumer({
  summary: 'Mail a link to confirm an address or to choose a new password.',
  on: [VerificationIssued],
  effect: 'outside',

  handler: async ({ data: { verificationId }, eventId, now }) => {
    const letter = await verificationLetter(verificationId, now);
    if (letter) await sendMail({ ...letter, messageId: eventId });
  },
});
