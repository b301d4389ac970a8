import { z } from 'zod';
import { ContentDetail, toContentDetail, Visibility } from '#domain/content/contents.ts';
import { updateContent } from '#domain/content/edit-content.ts';
import { cardIn, cardsOf } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change the caption of your content, who sees it, and what may be done with it.',
  method: 'PUT',
  path: '/api/content/:id',
  access: 'owner',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('content') }),
  body: z.object({
    caption: z.string().max(10_000).optional(),
    visibility: Visibility.optional(),
    allow: z
      .strictObject({ comments: z.boolean(), duet: z.boolean(), download: z.boolean() })
      .partial()
      .optional(),
    labels: z
      .strictObject({ ai: z.boolean(), ad: z.boolean(), sensitive: z.boolean() })
      .partial()
      .optional(),
  }),
  output: z.object({ content: ContentDetail }),
  problems: [NotFound, ValidationFailed],

  handler: async ({ actor, params, body, now }) => {
    const content = await updateContent(actor.id, params.id, body, now);
    const cards = await cardsOf([content.creator]);
    return { content: toContentDetail(content, cardIn(cards, content.creator)) };
  },
});
