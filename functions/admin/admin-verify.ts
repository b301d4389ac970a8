import { z } from 'zod';
import { SecondPersonRequired } from '#domain/admin/approvals.ts';
import { decide, STAFF_DEEDS } from '#domain/sellers/decide-verification.ts';
import {
  REASON_CODES,
  toVerificationView,
  VerificationView,
} from '#domain/sellers/verifications.ts';
import { findActiveUser, UserCard } from '#domain/users/users.ts';
import { paragraph } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { IdText, idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Decide on a seller’s verification; approve one without an application.',
  method: 'PUT',
  path: '/api/admin/users/:id/verify',
  access: 'staff:sellers.verify',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ id: idOf('user') }),
  body: z.object({
    approved: z.boolean().default(true),
    note: paragraph(1000).optional(),
    /** Says more exactly what `approved` says; a revocation takes two people. */
    action: z.enum(STAFF_DEEDS).optional(),
    reasonCode: z.enum(REASON_CODES).optional(),
    /** Which case, where somebody has several. */
    verificationId: idOf('verification').optional(),
  }),
  output: z.object({
    user: UserCard.pick({ id: true, username: true }).extend({ role: z.string() }),
    verification: VerificationView.extend({
      /** The revocation that waits for a second person. */
      approvalId: IdText.nullable(),
    }),
  }),
  problems: [NotFound, Conflict, SecondPersonRequired],

  handler: async ({ actor, params, body, now, request }) => {
    const { approved, action, verificationId, ...reason } = body;
    const deed = action ?? (approved ? 'approve' : 'reject');
    const wish = { user: params.id, verification: verificationId, deed, ...reason };
    const row = await decide(wish, { actor, request }, now);
    const user = await findActiveUser(params.id);
    if (!user) throw new NotFound();
    return {
      user: { id: user._id.toHexString(), username: user.username, role: user.role },
      verification: {
        ...toVerificationView(row),
        approvalId: row.revocation?.toHexString() ?? null,
      },
    };
  },
});
