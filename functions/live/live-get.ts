import { z } from 'zod';
import { Leaderboard, leaderboardOf } from '#domain/live/live-gifts.ts';
import { StreamView, streamSeenBy, viewOf } from '#domain/live/streams.ts';
import { LiveSummary, summarise } from '#domain/live/summary.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf, sameId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show a stream and who has given most; to its broadcaster also what came of it.',
  method: 'GET',
  path: '/api/live/:streamId',
  access: 'optional',
  rateLimit: perAddress(240, 'minute'),
  params: z.object({ streamId: idOf('live') }),
  output: z.object({
    stream: StreamView,
    leaderboard: Leaderboard,
    summary: LiveSummary.nullable(),
  }),
  problems: [NotFound],

  handler: async ({ actor, params: { streamId }, now }) => {
    const stream = await streamSeenBy(actor?.id, streamId);
    const own = sameId(stream.broadcaster, actor?.id);
    return {
      stream: await viewOf(stream),
      leaderboard: await leaderboardOf(streamId),
      summary: own ? await summarise(stream, now) : null,
    };
  },
});
