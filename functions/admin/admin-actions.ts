import { z } from 'zod';
import { DeedView, deeds, toDeedView } from '#domain/admin/audit-trail.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Search the audit trail of staff, the latest first.',
  method: 'GET',
  path: '/api/admin/actions',
  access: 'staff:audit.read',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    actor: idOf('user').optional(),
    /** Anything that something was done to: a user, an order, a payout. */
    target: idOf<string>('target').optional(),
    action: z
      .string()
      .regex(/^[a-z_.]{1,60}$/)
      .optional(),
  }).refine(
    ({ actor, target, action }) =>
      [actor, target, action].filter((one) => one !== undefined).length < 2,
    'say at most one of actor, target and action',
  ),
  output: pageOf('actions', DeedView),

  handler: async ({ query: { actor, target, action, ...page } }) =>
    named('actions', await deeds({ actor, target, action }, page), toDeedView),
});
