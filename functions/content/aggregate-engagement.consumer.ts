import {
  CommentCreated,
  ContentLiked,
  ContentUnliked,
  ContentViewed,
} from '#domain/content/content-events.ts';
import { type Counter, fold } from '#domain/content/counters.ts';
import { consumer } from '#platform/consumer.ts';

const COUNTER_OF: Readonly<Record<string, Counter>> = {
  [ContentViewed.type]: 'views',
  [ContentLiked.type]: 'likes',
  [ContentUnliked.type]: 'likes',
  [CommentCreated.type]: 'comments',
};

export default consumer({
  summary: 'Move views, likes and comments that are not counted yet into the counters.',
  on: [ContentViewed, ContentLiked, ContentUnliked, CommentCreated],
  // Not for touching anything else: a fold is repeatable by itself and makes its own transactions, so that an
  // event whose edge was folded with others costs one look.
  effect: 'outside',

  handler: async ({ data, type }) => {
    const counter = COUNTER_OF[type];
    if (counter) await fold(data.contentId, counter);
  },
});
