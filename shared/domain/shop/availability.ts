import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Products } from './product.model.ts';
import { StockLow } from './product-events.ts';
import { ProductVariants } from './product-variant.model.ts';
import type { ProductRow } from './products.ts';

/**
 * Brings what a product says of its stock up to its variants. Stock is taken without touching the
 * product, so this follows every change; after its own write it looks again, so that of two who
 * looked at different moments the later one is right. Safe to repeat.
 */
export async function keepAvailability(id: Id<'product'>, now: Date): Promise<void> {
  for (;;) {
    const product = await Products.findOne({ _id: id }, { inStock: 1 }).lean();
    if (!product) return;
    const some = { product: id, status: 'active', available: { $gt: 0 } } as const;
    const inStock = (await ProductVariants.exists(some)) !== null;
    if (inStock === product.inStock) return;
    await Products.updateOne(
      { _id: id, inStock: product.inStock },
      {
        $set: { inStock, ...(inStock && { wishesDueAt: now }) },
        ...(inStock && { $inc: { restocks: 1 } }),
      },
    );
  }
}

/**
 * Tells a seller that little is left of a variant: once, until there is enough again. In a
 * transaction.
 */
export async function watchStock(id: Id<'variant'>, now: Date): Promise<void> {
  const low = await setting('shop.lowStock');
  const variant = await ProductVariants.findOneAndUpdate(
    { _id: id, status: 'active', available: { $lte: low }, lowSince: { $exists: false } },
    { $set: { lowSince: now } },
  ).lean();
  if (!variant) {
    await ProductVariants.updateOne(
      { _id: id, available: { $gt: low }, lowSince: { $exists: true } },
      { $unset: { lowSince: 1 } },
    );
    return;
  }
  const product = await Products.findOne({ _id: variant.product }).lean<ProductRow>();
  if (!product) return;
  const { _id, shop, seller } = product;
  await publish(StockLow, { productId: _id, shopId: shop, variantId: id }, { now });
  const subject = { type: 'product', id: _id };
  await notify(
    { user: seller, type: 'stock_low', subject, groupKey: `stock_low:${id.toHexString()}` },
    now,
  );
}

/** How much of a variant can be bought now. */
export async function availableOf(id: Id<'variant'>): Promise<number> {
  const variant = await ProductVariants.findOne({ _id: id }, { available: 1 }).lean();
  return variant?.available ?? 0;
}
