import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { UnknownCategory } from '#domain/shop/categories.ts';
import { updateProduct } from '#domain/shop/edit-product.ts';
import { ListingInput } from '#domain/shop/handed-in.ts';
import { shownMedia } from '#domain/shop/product-media.ts';
import { ownProductPage, ProductPage } from '#domain/shop/product-view.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Change a listing of yours, put it on sale, or pause it.',
  method: 'PUT',
  path: '/api/products/:id',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(120, 'minute'),
  idempotency: 'honoured',
  params: z.object({ id: idOf('product') }),
  body: ListingInput.partial().extend({
    status: z.enum(['active', 'paused']).optional(),
    version: z.int().min(0).optional(),
  }),
  output: ProductPage,
  problems: [
    Conflict,
    MediaNotReady,
    MediaUnusable,
    NoActiveShop,
    NotFound,
    UnknownCategory,
    ValidationFailed,
  ],

  handler: async ({ actor, params: { id }, body, now }) => {
    const shop = await sellingShop(actor.id);
    const { categoryId: category, media: assets, ...rest } = body;
    const media = assets && (await shownMedia(actor.id, assets, 'product'));
    return ownProductPage(shop, await updateProduct(shop, id, { ...rest, category, media }, now));
  },
});
