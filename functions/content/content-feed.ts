import { z } from 'zod';
import { ContentCard } from '#domain/content/contents.ts';
import { feedPage } from '#domain/content/feed.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show the feed, latest first.',
  method: 'GET',
  path: '/api/content/feed',
  access: 'optional',
  rateLimit: perActor(240, 'minute'),
  query: PageQuery.extend({ mode: z.enum(['foryou', 'following', 'latest']).default('foryou') }),
  output: pageOf('contents', ContentCard),

  handler: async ({ actor, query: { mode, ...query }, now }) =>
    named('contents', await feedPage(actor?.id, mode, query, now), (card) => card),
});
