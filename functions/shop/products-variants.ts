import { z } from 'zod';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { ownProductPage, ProductPage } from '#domain/shop/product-view.ts';
import { MOST_VARIANTS } from '#domain/shop/products.ts';
import { saveVariants, VariantWish } from '#domain/shop/save-variants.ts';
import { Options, SkuTaken } from '#domain/shop/variants.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Make, change or archive variants of a product of yours by their SKUs, all or none.',
  method: 'PUT',
  path: '/api/products/:id/variants',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('product') }),
  body: z.object({
    variants: z.array(VariantWish).min(1).max(MOST_VARIANTS),
    /** What buyers choose between, where that changes with the variants. */
    options: Options.optional(),
    /** The version of the product. */
    version: z.int().min(0).optional(),
  }),
  output: ProductPage,
  problems: [Conflict, NoActiveShop, NotFound, SkuTaken, ValidationFailed],

  handler: async ({ actor, params: { id }, body, now }) => {
    const shop = await sellingShop(actor.id);
    return ownProductPage(shop, await saveVariants(shop, id, body, now));
  },
});
