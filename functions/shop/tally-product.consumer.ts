import { ProductSold, ReviewCreated, ReviewUpdated } from '#domain/shop/product-events.ts';
import { addUp } from '#domain/shop/tallies.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Add sales and stars that wait to the numbers of a product and its shop.',
  on: [ProductSold, ReviewCreated, ReviewUpdated],
  // Nothing but the database; it makes its own transactions, so that an event whose row was added
  // up with others costs one look.
  effect: 'outside',

  handler: async ({ data: { productId } }) => addUp(productId),
});
