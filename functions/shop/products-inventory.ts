import { z } from 'zod';
import { NoActiveShop, sellingShop } from '#domain/sellers/shops.ts';
import { changeStock, StockOutOfRange } from '#domain/shop/inventory.ts';
import { toVariantView, VariantView } from '#domain/shop/product-view.ts';
import { MOST_STOCK } from '#domain/shop/variants.ts';
import { setting } from '#domain/system/settings.ts';
import { line } from '#domain/users/words.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { Conflict, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

const change = {
  variantId: idOf('variant'),
  reason: line(200).pipe(z.string().min(1)),
  /** The version of the variant. Sales do not change it. */
  version: z.int().min(0),
};

export default endpoint({
  summary: 'Add to the stock of a variant or take from it, or say how many were counted.',
  method: 'POST',
  path: '/api/products/:id/inventory',
  access: 'seller',
  restrictedBy: 'sell',
  rateLimit: perActor(240, 'minute'),
  idempotency: 'required',
  params: z.object({ id: idOf('product') }),
  body: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('adjust'),
      ...change,
      quantity: z.int().min(-MOST_STOCK).max(MOST_STOCK),
    }),
    z.strictObject({
      kind: z.literal('set'),
      ...change,
      /** Everything on the shelf, with what is held for checkouts. */
      quantity: z.int().min(0).max(MOST_STOCK),
    }),
  ]),
  output: z.object({
    variant: VariantView,
    /** Kept for checkouts that are not paid yet. */
    held: z.int(),
    onHand: z.int(),
  }),
  problems: [Conflict, NoActiveShop, NotFound, StockOutOfRange],

  handler: async ({ actor, params: { id }, body: { variantId, ...wish }, now }) => {
    const shop = await sellingShop(actor.id);
    const { variant, held } = await changeStock(shop, id, { ...wish, variant: variantId }, now);
    const view = toVariantView(variant, await setting('shop.lowStock'), true);
    return { variant: view, held, onHand: variant.available + held };
  },
});
