import { z } from 'zod';
import { MediaNotReady, MediaUnusable, mediaUrls, readyAssetOf } from '#domain/media/assets.ts';
import { privateUser } from '#domain/users/accounts.ts';
import { editProfile, UsernameTooSoon } from '#domain/users/edit-profile.ts';
import { PrivateUser } from '#domain/users/user-views.ts';
import { DisplayName, paragraph, Username, WebAddress } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { type Id, idOf } from '#platform/id.ts';
import { DuplicateEntry, NotFound, UserNotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change your profile; what is left out stays as it is.',
  method: 'PUT',
  path: '/api/users/me',
  access: 'user',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'honoured',
  body: z.object({
    username: Username.optional(),
    displayName: DisplayName.optional(),
    bio: paragraph(500).optional(),
    links: z.array(WebAddress).max(5).optional(),
    isPrivate: z.boolean().optional(),
    /** A ready picture of yours; null takes the present one away. */
    avatarAssetId: idOf('media').nullable().optional(),
  }),
  output: z.object({ user: PrivateUser }),
  problems: [DuplicateEntry, UsernameTooSoon, NotFound, MediaNotReady, MediaUnusable, UserNotFound],

  handler: async ({ actor, body: { avatarAssetId, ...edit }, now }) => {
    const avatar = avatarAssetId && (await avatarOf(actor.id, avatarAssetId));
    await editProfile(actor.id, { ...edit, avatar }, now);
    const user = await privateUser(actor.id, now);
    if (!user) throw new UserNotFound();
    return { user };
  },
});

async function avatarOf(owner: Id<'user'>, assetId: Id<'media'>) {
  const { thumbnailUrl, imageUrl } = mediaUrls(
    await readyAssetOf(owner, assetId, 'avatar', 'photo'),
  );
  const url = thumbnailUrl ?? imageUrl;
  if (url === null) throw new MediaUnusable({ field: 'avatarAssetId' });
  return { asset: assetId, url };
}
