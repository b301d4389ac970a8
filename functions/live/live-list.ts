import { z } from 'zod';
import { LIVE_LISTS, listStreams } from '#domain/live/lists.ts';
import { StreamView, viewsOf } from '#domain/live/streams.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List streams that are live, announced, or live and of people one follows.',
  method: 'GET',
  path: '/api/live',
  access: 'optional',
  rateLimit: perAddress(240, 'minute'),
  query: PageQuery.extend({ list: z.enum(LIVE_LISTS).default('live') }),
  output: pageOf('streams', StreamView),

  handler: async ({ actor, query: { list, ...page } }) => {
    const { items, ...paging } = await listStreams(list, actor?.id, page);
    return { streams: await viewsOf(items), ...paging };
  },
});
