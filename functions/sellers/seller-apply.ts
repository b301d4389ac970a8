import { z } from 'zod';
import {
  startApplication,
  submitApplication,
  TooSoonToApply,
  withdrawApplication,
} from '#domain/sellers/apply.ts';
import { ApplicationIncomplete } from '#domain/sellers/requirements.ts';
import { PURPOSES, toVerificationView, VerificationView } from '#domain/sellers/verifications.ts';
import { line } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { Conflict } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

/** Which application, where there are two. */
const purpose = z.enum(PURPOSES).optional();

export default endpoint({
  summary: 'Begin, correct, hand in or withdraw an application to sell or to be paid.',
  method: 'POST',
  path: '/api/seller/applications',
  access: 'verified',
  restrictedBy: 'sell',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'required',
  body: z.discriminatedUnion('action', [
    z.strictObject({
      action: z.literal('start'),
      kind: z.enum(['individual', 'business', 'creator']),
      legalName: line(200).pipe(z.string().min(1)),
      country: z.string().regex(/^[A-Z]{2}$/, 'an ISO country code'),
      /** Where the account does not know it. */
      birthDate: z.iso.date().optional(),
    }),
    z.strictObject({ action: z.literal('submit'), purpose }),
    z.strictObject({ action: z.literal('withdraw'), purpose }),
  ]),
  status: 201,
  output: z.object({ application: VerificationView }),
  problems: [Conflict, TooSoonToApply, ApplicationIncomplete],

  handler: async ({ actor, body, now }) => {
    if (body.action === 'submit')
      return shown(await submitApplication(actor.id, body.purpose, now));
    if (body.action === 'withdraw')
      return shown(await withdrawApplication(actor.id, body.purpose, now));
    const { action: _, birthDate, ...form } = body;
    const born = birthDate === undefined ? undefined : new Date(birthDate);
    return shown(await startApplication(actor.id, { ...form, birthDate: born }, now));
  },
});

const shown = (row: Parameters<typeof toVerificationView>[0]) => ({
  application: toVerificationView(row),
});
