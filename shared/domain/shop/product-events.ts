import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { PRODUCT_STATUSES } from './product.model.ts';

const product = { productId: idOf('product'), shopId: idOf('shop') };
const about = {
  topic: 'product',
  subject: ['product', 'productId'],
  orderedBy: 'productId',
} as const;

export const ProductCreated = event({
  ...about,
  type: 'product.created',
  data: z.object(product),
});

/** A listing or its variants changed, by its seller or by a decision of staff. */
export const ProductUpdated = event({
  ...about,
  type: 'product.updated',
  data: z.object({ ...product, status: z.enum(PRODUCT_STATUSES) }),
});

export const ProductArchived = event({
  ...about,
  type: 'product.archived',
  data: z.object(product),
});

/** How much of a variant can be bought changed: by its seller, a checkout, or a return. */
export const StockChanged = event({
  ...about,
  type: 'stock.changed',
  data: z.object({ ...product, variantId: idOf('variant') }),
});

/** Little is left of a variant. Happens once until there is enough again. */
export const StockLow = event({
  ...about,
  type: 'stock.low',
  data: z.object({ ...product, variantId: idOf('variant') }),
});

/** The lowest price of a product changed, in minor units of its currency. */
export const PriceChanged = event({
  ...about,
  type: 'price.changed',
  data: z.object({ ...product, fromMinor: z.int(), toMinor: z.int() }),
});

/** Some of a product were sold; its numbers do not include them yet. */
export const ProductSold = event({
  ...about,
  type: 'product.sold',
  data: z.object({ productId: idOf('product'), quantity: z.int() }),
});

const review = { ...product, reviewId: idOf('review'), authorId: idOf('user') };

export const ReviewCreated = event({
  ...about,
  type: 'review.created',
  data: z.object({ ...review, rating: z.int() }),
});

/** Its author edited a review, its seller answered it, or a reader found it helpful. */
export const ReviewUpdated = event({
  ...about,
  type: 'review.updated',
  data: z.object({ ...review, change: z.enum(['edited', 'replied', 'marked']) }),
});

/** A category was made or changed. */
export const CatalogueUpdated = event({
  topic: 'product',
  type: 'catalogue.updated',
  data: z.object({ kind: z.string(), itemId: idOf<string>('item') }),
  subject: ['catalogue', 'itemId'],
  orderedBy: 'itemId',
});

/** Somebody saved a product, or no longer does. */
export const ProductWishlisted = event({
  topic: 'engagement',
  type: 'product.wishlisted',
  data: z.object({ productId: idOf('product'), userId: idOf('user'), saved: z.boolean() }),
  subject: ['product', 'productId'],
});
