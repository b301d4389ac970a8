import type { Id } from '#platform/id.ts';
import { type Shop, Shops } from './shop.model.ts';

/** Counts something that a shop did; in the transaction that counts it once. */
export async function countForShop(shop: Id<'shop'>, what: keyof Shop['metrics']): Promise<void> {
  await Shops.updateOne({ _id: shop }, { $inc: { [`metrics.${what}`]: 1 } }, { timestamps: false });
}
