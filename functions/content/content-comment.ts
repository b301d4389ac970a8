import { z } from 'zod';
import {
  COMMENT_LENGTH,
  CommentsClosed,
  CommentView,
  createComment,
  toCommentView,
} from '#domain/content/comments.ts';
import { cardIn, cardsOf } from '#domain/users/users.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Comment on a content, or answer a comment.',
  method: 'POST',
  path: '/api/content/:id/comment',
  access: 'verified',
  restrictedBy: 'comment',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'honoured',
  params: z.object({ id: idOf('content') }),
  body: z.object({
    text: z.string().trim().min(1).max(COMMENT_LENGTH),
    parentId: idOf('comment').optional(),
  }),
  status: 201,
  output: z.object({ comment: CommentView, commentCount: z.int() }),
  problems: [CommentsClosed, NotFound, ValidationFailed],

  handler: async ({ actor, params, body: { text, parentId }, now }) => {
    const wish = { author: actor.id, contentId: params.id, text, parentId };
    const { comment, commentCount } = await createComment(wish, now);
    const cards = await cardsOf([actor.id]);
    return { comment: toCommentView(comment, cardIn(cards, actor.id)), commentCount };
  },
});
