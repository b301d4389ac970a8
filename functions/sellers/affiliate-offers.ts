import { z } from 'zod';
import { OFFER_LISTS, OfferView, offersFor, toOfferViews } from '#domain/sellers/offer-lists.ts';
import { cardsOfProducts, ProductCard } from '#domain/shop/products.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Browse commissions that sellers offer, your invitations, or what you joined.',
  method: 'GET',
  path: '/api/affiliate/offers',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ list: z.enum(OFFER_LISTS).default('browse') }),
  output: pageOf(
    'offers',
    /** The product is null while nobody can see it. */
    OfferView.extend({ product: ProductCard.nullable() }),
  ),

  handler: async ({ actor, query: { list, ...query }, now }) => {
    const { items, ...page } = await offersFor(actor.id, list, query);
    const views = await toOfferViews(items, actor.id, now);
    const products = await cardsOfProducts(items.map(({ product }) => product));
    const offers = views.map((view) => ({
      ...view,
      product: products.get(view.productId) ?? null,
    }));
    return { offers, ...page };
  },
});
