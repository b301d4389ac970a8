import { EarningsPage, EarningsQuery, earningsPage } from '#domain/wallet/earnings.ts';
import { currencyOf } from '#domain/wallet/wallets.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary:
    'Show what the caller has earned as a creator, their withdrawals, and where each sum is from.',
  method: 'GET',
  path: '/api/wallet/withdrawals',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ share: EarningsQuery }),
  output: EarningsPage,

  handler: async ({ actor: { id }, query: { share, ...page } }) =>
    earningsPage({ type: 'user', id }, await currencyOf(id), share, page),
});
