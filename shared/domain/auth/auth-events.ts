import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

const user = { userId: idOf('user') };
const session = { ...user, sessionId: idOf('session') };
const account = { topic: 'account', subject: ['user', 'userId'], orderedBy: 'userId' } as const;

export const SessionCreated = event({
  ...account,
  type: 'session.created',
  data: z.object({ ...session, newDevice: z.boolean() }),
});

/** One session was ended, or all of them but perhaps the one that asked. */
export const SessionRevoked = event({
  ...account,
  type: 'session.revoked',
  data: z.object({
    ...user,
    sessionId: idOf('session').optional(),
    keptId: idOf('session').optional(),
    reason: z.string(),
  }),
});

/** A refresh token was used a second time: somebody has a copy, so the whole family was ended. */
export const SessionCompromised = event({
  ...account,
  type: 'session.compromised',
  data: z.object(session),
});

export const EmailVerified = event({ ...account, type: 'email.verified', data: z.object(user) });

export const PasswordChanged = event({
  ...account,
  type: 'password.changed',
  data: z.object({ ...user, by: z.enum(['link', 'owner']) }),
});

export const MfaChanged = event({
  ...account,
  type: 'mfa.changed',
  data: z.object({ ...user, change: z.enum(['activated', 'regenerated', 'disabled']) }),
});

/** A link was made that its owner waits for. Whoever mails it makes it anew from the id. */
export const VerificationIssued = event({
  type: 'verification.issued',
  topic: 'notify',
  data: z.object({ verificationId: idOf('verification') }),
  subject: ['verification', 'verificationId'],
});

export const NewDeviceSeen = event({
  type: 'device.seen_first',
  topic: 'notify',
  data: z.object(session),
  subject: ['session', 'sessionId'],
});
