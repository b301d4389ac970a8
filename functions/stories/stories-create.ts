import { z } from 'zod';
import { MediaUnusable } from '#domain/media/assets.ts';
import { StoryAudiences, StoryView, toStoryView } from '#domain/stories/stories.ts';
import { createStory, StoryAssetUsed } from '#domain/stories/tell-story.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Tell a story with an uploaded file; it can be seen for exactly 24 hours.',
  method: 'POST',
  path: '/api/stories',
  access: 'verified',
  restrictedBy: 'post',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'honoured',
  body: z.object({
    assetId: idOf('media'),
    audience: StoryAudiences.default('followers'),
    caption: z.string().max(500).default(''),
  }),
  status: 201,
  output: z.object({ story: StoryView }),
  problems: [MediaUnusable, NotFound, StoryAssetUsed],

  handler: async ({ actor, body, operationId, now }) => {
    const story = await createStory({ author: actor.id, operationId, ...body }, now);
    return { story: toStoryView(story) };
  },
});
