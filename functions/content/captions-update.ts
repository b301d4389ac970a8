import { z } from 'zod';
import {
  deleteCaption,
  Language,
  OwnCaption,
  requestCaption,
  Segment,
  toOwnCaption,
} from '#domain/content/captions.ts';
import { contentOwnedBy, type StoredContent } from '#domain/content/contents.ts';
import { checkedSegments, cuesInFile, writeCaption } from '#domain/content/edit-caption.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const Change = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('request') }),
  z.strictObject({ action: z.literal('edit'), segments: z.array(Segment).min(1).max(5000) }),
  z.strictObject({ action: z.literal('upload'), vtt: z.string().min(1).max(500_000) }),
  z.strictObject({ action: z.literal('delete') }),
]);

export default endpoint({
  summary: 'Have the captions of your video made, or write, upload or delete them yourself.',
  method: 'PUT',
  path: '/api/content/:id/captions/:lang',
  access: 'owner',
  rateLimit: perActor(30, 'minute'),
  params: z.object({ id: idOf('content'), lang: Language }),
  body: Change,
  maxBodyBytes: 1024 * 1024,
  output: z.object({ caption: OwnCaption.nullable() }),
  problems: [NotFound],

  handler: async ({ actor, params, body, now }) => {
    const content = await contentOwnedBy(actor.id, params.id);
    const caption = await changed(content, params.lang, body, now);
    return { caption: caption && toOwnCaption(caption) };
  },
});

async function changed(
  content: StoredContent,
  language: string,
  change: z.infer<typeof Change>,
  now: Date,
) {
  const { _id, creator, asset } = content;
  switch (change.action) {
    case 'request':
      return requestCaption({ content: _id, creator, asset, language }, now, true);
    case 'edit':
      return writeCaption(content, language, 'edited', checkedSegments(change.segments), now);
    case 'upload':
      return writeCaption(content, language, 'uploaded', cuesInFile(change.vtt), now);
    case 'delete':
      await deleteCaption(_id, language);
      return null;
  }
}
