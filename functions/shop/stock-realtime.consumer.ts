import { availableOf } from '#domain/shop/availability.ts';
import { StockLow } from '#domain/shop/product-events.ts';
import { channels, publishRealtime } from '#platform/ably.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show the staff of a shop at once that little is left of a variant.',
  on: [StockLow],
  effect: 'outside',

  handler: async ({ data: { shopId, productId, variantId }, eventId }) => {
    const [shop, product, variant] = [shopId, productId, variantId].map((id) => id.toHexString());
    const data = {
      productId: product,
      variantId: variant,
      available: await availableOf(variantId),
    };
    await publishRealtime([
      { channel: channels.shop(shop ?? ''), name: 'stock:low', data, id: eventId },
    ]);
  },
});
