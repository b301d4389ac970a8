import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { Statement } from '#domain/orders/act-on-return.ts';
import { NotRefundable } from '#domain/orders/refunds.ts';
import {
  RETURN_REASONS,
  RETURN_TYPES,
  ReturnView,
  toReturnView,
} from '#domain/orders/return-view.ts';
import {
  EvidenceRequired,
  NotReturnable,
  ReturnWindowOver,
  requestReturn,
} from '#domain/orders/returns.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Ask for money back for something that was delivered, or should have been.',
  method: 'POST',
  path: '/api/orders/:id/returns',
  access: 'user',
  rateLimit: perActor(20, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('order') }),
  body: z.object({
    type: z.enum(RETURN_TYPES),
    reason: z.enum(RETURN_REASONS),
    lines: z
      .array(z.strictObject({ lineId: idOf('line'), quantity: z.int().min(1).max(10_000) }))
      .min(1)
      .max(100),
    ...Statement,
  }),
  status: 201,
  output: z.object({ return: ReturnView }),
  problems: [
    Conflict,
    EvidenceRequired,
    MediaNotReady,
    MediaUnusable,
    NotRefundable,
    NotReturnable,
    ReturnWindowOver,
  ],

  handler: async ({ actor, params: { id }, body: { lines, ...wish }, now }) => {
    const pieces = lines.map(({ lineId, quantity }) => ({ line: lineId, quantity }));
    const made = await requestReturn(actor.id, id, { ...wish, lines: pieces }, now);
    return { return: toReturnView(made) };
  },
});
