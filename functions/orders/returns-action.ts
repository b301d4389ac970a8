import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { actOnReturn, ReturnAction } from '#domain/orders/act-on-return.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import { ReturnView, toReturnView } from '#domain/orders/return-view.ts';
import { TrackingNumberUsed } from '#domain/orders/shipments.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, PermissionRequired } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Go on with a return, as its buyer, its seller or staff.',
  method: 'POST',
  path: '/api/returns/:id/actions',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('return') }),
  body: ReturnAction,
  output: z.object({ return: ReturnView }),
  problems: [
    Conflict,
    MediaNotReady,
    MediaUnusable,
    NotRefundable,
    PermissionRequired,
    TrackingNumberUsed,
  ],

  handler: async ({ actor, request, params: { id }, body, now }) => ({
    return: toReturnView(await actOnReturn({ actor, request }, id, body, now)),
  }),
});
