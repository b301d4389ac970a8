import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { EarningsPage, EarningsQuery, earningsPage } from '#domain/wallet/earnings.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Show what the caller’s shop has earned, its payouts, and its statement line by line.',
  method: 'GET',
  path: '/api/seller/payouts',
  access: 'seller',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ share: EarningsQuery }),
  output: EarningsPage,
  problems: [NoActiveShop],

  handler: async ({ actor, query: { share, ...page } }) => {
    const { _id: id, currency } = await ownShop(actor.id);
    return earningsPage({ type: 'shop', id }, currency, share, page);
  },
});
