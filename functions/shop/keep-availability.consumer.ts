import { keepAvailability } from '#domain/shop/availability.ts';
import { ProductCreated, ProductUpdated, StockChanged } from '#domain/shop/product-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Show a product as sold out or in stock, as its variants are.',
  on: [ProductCreated, ProductUpdated, StockChanged],
  // Nothing but the database; guarded single writes, of which there is mostly none.
  effect: 'outside',

  handler: async ({ data, now }) => keepAvailability(data.productId, now),
});
