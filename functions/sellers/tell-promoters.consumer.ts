import { AffiliateUpdated, PromotersRemain } from '#domain/sellers/seller-events.ts';
import { tellPromoters } from '#domain/sellers/tell-promoters.ts';
import { consumer } from '#platform/consumer.ts';

export default consumer({
  summary: 'Tell creators that the commission for what they promote has changed.',
  on: [AffiliateUpdated, PromotersRemain],
  effect: 'database',

  handler: async ({ data, now }) => {
    if ('cursor' in data) return tellPromoters(data.offerId, data.cursor, now);
    if (data.rateBps !== data.previousRateBps) await tellPromoters(data.offerId, undefined, now);
  },
});
