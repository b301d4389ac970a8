import {
  CommentCreated,
  ContentLiked,
  ContentUnliked,
  ContentViewed,
} from '#domain/content/content-events.ts';
import { announceCount } from '#domain/content/realtime.ts';
import { consumer, type Delivery } from '#platform/consumer.ts';

type Engagement = typeof CommentCreated | typeof ContentLiked | typeof ContentViewed;

export default consumer({
  summary: 'Tell the channel of a content its new numbers, each at most once in two seconds.',
  on: [ContentViewed, ContentLiked, ContentUnliked, CommentCreated],
  effect: 'outside',

  handler: async ({ data, eventId }) => announceCount({ ...wordsFor(data), eventId }),
});

function wordsFor(data: Delivery<Engagement>['data']) {
  const { contentId } = data;
  const id = contentId.toHexString();
  if ('commentId' in data)
    return {
      contentId,
      counter: 'comments' as const,
      say: (commentCount: number) => ({
        name: 'content:comment',
        data: { commentId: data.commentId.toHexString(), commentCount, change: 'created' },
      }),
    };
  if ('source' in data)
    return {
      contentId,
      counter: 'views' as const,
      say: (viewCount: number) => ({ name: 'video:view', data: { contentId: id, viewCount } }),
    };
  return {
    contentId,
    counter: 'likes' as const,
    say: (likeCount: number) => ({
      name: 'content:like',
      data: { userId: data.userId.toHexString(), likeCount },
    }),
  };
}
