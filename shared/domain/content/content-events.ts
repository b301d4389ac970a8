import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

const content = { contentId: idOf('content'), creatorId: idOf('user') };

/** A content was handed in; nobody but its creator sees it yet. */
export const ContentCreated = event({
  type: 'content.created',
  topic: 'content',
  data: z.object({ ...content, assetId: idOf('media') }),
  subject: ['content', 'contentId'],
  orderedBy: 'contentId',
});

/** A content became visible to its audience. Happens once in its life. */
export const ContentPublished = event({
  type: 'content.published',
  topic: 'content',
  data: z.object({
    ...content,
    assetId: idOf('media'),
    /** The creator wants captions made from what is said. */
    captions: z.boolean(),
    /** What is spoken, as a BCP 47 tag, when the creator said so. */
    language: z.string().nullable(),
  }),
  subject: ['content', 'contentId'],
  orderedBy: 'contentId',
});

export const ContentUpdated = event({
  type: 'content.updated',
  topic: 'content',
  data: z.object(content),
  subject: ['content', 'contentId'],
  orderedBy: 'contentId',
});

/** A content was taken away by its creator; its objects follow later. */
export const ContentDeleted = event({
  type: 'content.deleted',
  topic: 'content',
  data: z.object({ ...content, assetId: idOf('media') }),
  subject: ['content', 'contentId'],
  orderedBy: 'contentId',
});

/** There are more followers of the creator to tell, after this one. */
export const FanOutContinued = event({
  type: 'content.fanout_continued',
  topic: 'content',
  data: z.object({
    subjectType: z.enum(['content', 'story']),
    subjectId: idOf<string>('subject'),
    creatorId: idOf('user'),
    cursor: z.string(),
  }),
  subject: ['content', 'subjectId'],
  orderedBy: 'subjectId',
});

/** Counted once for each viewer and window. */
export const ContentViewed = event({
  type: 'content.viewed',
  topic: 'engagement',
  data: z.object({
    ...content,
    /** Absent for guests. */
    userId: idOf('user').optional(),
    watchMs: z.int().optional(),
    completed: z.boolean(),
    source: z.string(),
  }),
  subject: ['content', 'contentId'],
});

export const ContentLiked = event({
  type: 'content.liked',
  topic: 'engagement',
  data: z.object({ ...content, userId: idOf('user') }),
  subject: ['content', 'contentId'],
});

export const ContentUnliked = event({
  type: 'content.unliked',
  topic: 'engagement',
  data: z.object({ ...content, userId: idOf('user') }),
  subject: ['content', 'contentId'],
});

export const CommentCreated = event({
  type: 'comment.created',
  topic: 'engagement',
  data: z.object({
    ...content,
    commentId: idOf('comment'),
    authorId: idOf('user'),
    parentId: idOf('comment').optional(),
  }),
  subject: ['comment', 'commentId'],
});
