import type { Id } from '#platform/id.ts';
import { Shops } from './shop.model.ts';

/** Adds reviews of what a shop sells to its own numbers, in one write. */
export async function rateShop(
  shop: Id<'shop'>,
  { reviews, stars }: { readonly reviews: number; readonly stars: number },
): Promise<void> {
  const average = { $floor: { $divide: [{ $multiply: ['$rating.stars', 100] }, '$rating.count'] } };
  await Shops.updateOne(
    { _id: shop },
    [
      {
        $set: {
          'rating.count': { $add: ['$rating.count', reviews] },
          'rating.stars': { $add: [{ $ifNull: ['$rating.stars', 0] }, stars] },
        },
      },
      { $set: { 'rating.average': { $cond: [{ $gt: ['$rating.count', 0] }, average, 0] } } },
    ],
    { updatePipeline: true, timestamps: false },
  );
}
