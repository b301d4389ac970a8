import { z } from 'zod';
import { storyViewers, Viewer } from '#domain/stories/stories.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List who saw your story, latest first.',
  method: 'GET',
  path: '/api/stories/:id/viewers',
  access: 'owner',
  rateLimit: perActor(120, 'minute'),
  params: z.object({ id: idOf('story') }),
  query: PageQuery,
  output: pageOf('viewers', Viewer),
  problems: [NotFound],

  handler: async ({ actor, params, query }) =>
    named('viewers', await storyViewers(actor.id, params.id, query), (viewer) => viewer),
});
