import { watchStock } from '#domain/shop/availability.ts';
import { StockChanged } from '#domain/shop/product-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell a seller when little is left of a variant.',
  on: [StockChanged],
  effect: 'database',

  handler: async ({ data: { variantId }, now }) => watchStock(variantId, now),
});
