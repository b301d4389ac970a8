import { z } from 'zod';
import { ConfirmationFailed, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { Code, confirm } from '#domain/auth/second-factor.ts';
import { MediaNotReady, MediaUnusable, mediaUrls, readyAssetOf } from '#domain/media/assets.ts';
import { NotVerified, saveShop } from '#domain/sellers/save-shop.ts';
import { Handle, OwnShop, ShippingProfile, toOwnShop } from '#domain/sellers/shop-views.ts';
import { NoActiveShop } from '#domain/sellers/shops.ts';
import { GivenPassword, line, paragraph } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { type Id, idOf } from '#platform/id.ts';
import { Conflict, DuplicateEntry, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change your shop: profile, policies, shipping, holiday, and where it is paid.',
  method: 'PUT',
  path: '/api/seller/shop',
  access: 'seller',
  rateLimit: perActor(30, 'minute'),
  body: z.object({
    name: line(60).pipe(z.string().min(1)).optional(),
    handle: Handle.optional(),
    description: paragraph(2000).optional(),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'an ISO country code')
      .optional(),
    /** All of them; the first that names the buyer’s country counts, else the one for `*`. */
    shipping: z.array(ShippingProfile).min(1).max(20).optional(),
    returnPolicy: z
      .object({ days: z.int().min(0).max(365), text: paragraph(2000).default('') })
      .optional(),
    /** Nothing can be bought while you are away. */
    holiday: z.boolean().optional(),
    /** A ready picture of yours; null takes the present one away. */
    logoAssetId: idOf('media').nullable().optional(),
    /** Where the shop is paid from now on; takes your password or a code. */
    payoutAccount: z
      .object({
        ref: z.string().trim().min(3).max(100),
        label: line(60).pipe(z.string().min(1)),
        /** `weekly` pays by itself what is available. */
        schedule: z.enum(['manual', 'weekly']).optional(),
      })
      .optional(),
    password: GivenPassword.optional(),
    code: Code.optional(),
  }),
  output: z.object({ shop: OwnShop }),
  problems: [
    ...[NoActiveShop, NotVerified, Conflict, DuplicateEntry, ValidationFailed],
    ...[NotFound, MediaNotReady, MediaUnusable, ConfirmationFailed, TooManyAttempts],
  ],

  handler: async ({ actor, body, now }) => {
    const { logoAssetId, password, code, ...edit } = body;
    if (edit.payoutAccount) await confirm(actor.id, { password, code }, now);
    const logo = logoAssetId && (await logoOf(actor.id, logoAssetId));
    return { shop: await toOwnShop(await saveShop(actor.id, { ...edit, logo }, now)) };
  },
});

async function logoOf(owner: Id<'user'>, asset: Id<'media'>) {
  const { thumbnailUrl, imageUrl } = mediaUrls(
    await readyAssetOf(owner, asset, 'avatar', 'photo', 'product'),
  );
  const url = thumbnailUrl ?? imageUrl;
  if (url === null) throw new MediaUnusable({ field: 'logoAssetId' });
  return { asset, url };
}
