import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';

const story = { storyId: idOf('story'), authorId: idOf('user') };

/** A story was handed in; nobody sees it yet. */
export const StorySubmitted = event({
  type: 'story.submitted',
  topic: 'content',
  data: z.object({ ...story, assetId: idOf('media') }),
  subject: ['story', 'storyId'],
  orderedBy: 'storyId',
});

/** A story became visible; its 24 hours have begun. */
export const StoryCreated = event({
  type: 'story.created',
  topic: 'content',
  data: z.object({ ...story, assetId: idOf('media') }),
  subject: ['story', 'storyId'],
  orderedBy: 'storyId',
});

export const StoryDeleted = event({
  type: 'story.deleted',
  topic: 'content',
  data: z.object({ ...story, assetId: idOf('media') }),
  subject: ['story', 'storyId'],
  orderedBy: 'storyId',
});

export const StoryViewed = event({
  type: 'story.viewed',
  topic: 'engagement',
  data: z.object({ ...story, userId: idOf('user') }),
  subject: ['story', 'storyId'],
});
