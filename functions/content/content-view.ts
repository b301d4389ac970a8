import { z } from 'zod';
import { ViewSources, viewContent, viewerKeyOf } from '#domain/content/views.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { addressKey, perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Record that a content was watched; a viewer counts once in an hour.',
  method: 'POST',
  path: '/api/content/:id/view',
  access: 'optional',
  rateLimit: perActor(300, 'minute'),
  params: z.object({ id: idOf('content') }),
  body: z.object({
    watchMs: z.int().min(0).max(86_400_000).optional(),
    completed: z.boolean().default(false),
    source: ViewSources.default('other'),
  }),
  output: z.object({ views: z.int() }),
  problems: [NotFound],

  handler: async ({ actor, params, body, now, request: { address, userAgent } }) => {
    const viewerKey = viewerKeyOf(actor?.id, addressKey(`${address}\n${userAgent}`));
    const watched = { ...body, watchMs: body.watchMs, user: actor?.id, viewerKey };
    return { views: await viewContent(params.id, watched, now) };
  },
});
