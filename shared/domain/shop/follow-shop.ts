import { shopById } from '#domain/sellers/shops.ts';
import type { Id } from '#platform/id.ts';
import { Products } from './product.model.ts';
import { SHELVES } from './shelves.ts';

const BATCH = 500;

/**
 * Puts everything of a shop on the shelves when it opens and takes it off when it closes, in
 * batches. It goes by the shop as it is now and looks again at the end. Safe to repeat.
 */
export async function followShop(id: Id<'shop'>, now: Date): Promise<void> {
  for (;;) {
    const shop = await shopById(id);
    if (!shop) return;
    const open = shop.status === 'active';
    const late = await Products.find({ shop: id, shopOpen: !open }, { _id: 1 }).limit(BATCH).lean();
    if (late.length === 0) return;
    await Products.updateMany(
      { _id: { $in: late.map(({ _id }) => _id) }, shopOpen: !open },
      [
        { $set: { shopOpen: open, ...(open && { wishesDueAt: now }) } },
        { $set: { shelves: SHELVES } },
      ],
      { updatePipeline: true },
    );
  }
}
