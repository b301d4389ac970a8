import { z } from 'zod';
import { CaptionTrack, captionTracksOf } from '#domain/content/captions.ts';
import {
  ContentDetail,
  shownCounts,
  toContentDetail,
  visibleContent,
} from '#domain/content/contents.ts';
import { countsOf } from '#domain/content/counters.ts';
import { likedAmong } from '#domain/content/likes.ts';
import { cardIn, cardsOf } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf, sameId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show one content; its creator also sees it before it is published, and why it was not.',
  method: 'GET',
  path: '/api/content/:id',
  access: 'optional',
  rateLimit: perActor(240, 'minute'),
  params: z.object({ id: idOf('content') }),
  output: z.object({
    content: ContentDetail.extend({
      captions: z.array(CaptionTrack),
      /** Whether the viewer likes it; left out for guests. */
      liked: z.boolean().optional(),
      failureCode: z.string().optional(),
    }),
  }),
  problems: [NotFound],

  handler: async ({ actor, params: { id } }) => {
    const content = await visibleContent(actor?.id, id);
    const [cards, captions, counts, liked] = await Promise.all([
      cardsOf([content.creator]),
      captionTracksOf([id]),
      countsOf(id),
      actor ? likedAmong(actor.id, [id]) : undefined,
    ]);
    const { failureCode } = content;
    return {
      content: {
        ...toContentDetail(content, cardIn(cards, content.creator)),
        ...shownCounts(counts),
        captions: captions.get(id.toHexString()) ?? [],
        ...(liked && { liked: liked.has(id.toHexString()) }),
        ...(failureCode && sameId(content.creator, actor?.id) && { failureCode }),
      },
    };
  },
});
