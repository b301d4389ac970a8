import { z } from 'zod';
import { MediaNotReady, MediaUnusable } from '#domain/media/assets.ts';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { UnknownCategory } from '#domain/shop/categories.ts';
import { createProduct } from '#domain/shop/create-product.ts';
import { NewListing } from '#domain/shop/handed-in.ts';
import { shownMedia } from '#domain/shop/product-media.ts';
import { ownProductPage, ProductPage } from '#domain/shop/product-view.ts';
import { SkuTaken, Variants } from '#domain/shop/variants.ts';
import { endpoint } from '#platform/endpoint.ts';
import { NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List a product with its variants and their stock.',
  method: 'POST',
  path: '/api/products',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'honoured',
  body: NewListing.extend({
    variants: Variants,
    status: z.enum(['draft', 'active']).default('active'),
  }),
  status: 201,
  output: ProductPage,
  problems: [
    MediaNotReady,
    MediaUnusable,
    NoActiveShop,
    NotFound,
    SkuTaken,
    UnknownCategory,
    ValidationFailed,
  ],

  handler: async ({ actor, body, now }) => {
    const shop = await sellingShop(actor.id);
    const { categoryId: category, status, media: assets, ...listing } = body;
    const media = await shownMedia(actor.id, assets, 'product');
    const wish = { ...listing, category, media, publish: status === 'active' };
    return ownProductPage(shop, await createProduct(shop, wish, now));
  },
});
