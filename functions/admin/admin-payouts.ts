import { allPayouts, StaffPayout, toStaffPayout } from '#domain/wallet/payouts.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List payouts, newest first; by state, to see which of them wait for somebody.',
  method: 'GET',
  path: '/api/admin/payouts',
  access: 'staff:money.read',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({ status: StaffPayout.shape.status.optional() }),
  output: pageOf('payouts', StaffPayout),

  handler: async ({ query: { status, ...page } }) =>
    named('payouts', await allPayouts(status, page), toStaffPayout),
});
