import { ShopUpdated } from '#domain/sellers/seller-events.ts';
import { followShop } from '#domain/shop/follow-shop.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show the products of a shop while it is open, and hide them while it is not.',
  on: [ShopUpdated],
  // Nothing but the database; in batches, because a shop may have very many.
  effect: 'outside',

  handler: async ({ data: { shopId }, now }) => followShop(shopId, now),
});
