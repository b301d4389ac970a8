import { applyCategory } from '#domain/shop/edit-category.ts';
import { CatalogueUpdated } from '#domain/shop/product-events.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Bring what the platform keeps of sales up to a category that changed.',
  on: [CatalogueUpdated],
  // Nothing but the database; in batches, because a category may hold very many products.
  effect: 'outside',

  handler: async ({ data: { kind, itemId } }) => {
    if (kind === 'category') await applyCategory(itemId);
  },
});
