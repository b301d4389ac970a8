import {
  LineWithPerson,
  StatementLine,
  statementOf,
  withPeople,
} from '#domain/wallet/statement.ts';
import { endpoint } from '#platform/endpoint.ts';
import { MomentOrDay } from '#platform/moment.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the lines of the caller’s statement, newest first.',
  method: 'GET',
  path: '/api/wallet/transactions',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    type: StatementLine.shape.type.optional(),
    from: MomentOrDay.optional(),
    /** Exclusive. */
    to: MomentOrDay.optional(),
  }),
  output: pageOf('transactions', LineWithPerson),

  handler: async ({ actor, query: { type, from, to, ...page }, now }) => {
    const { items, ...paging } = await statementOf(actor.id, { type, from, to }, page);
    return { transactions: await withPeople(items, now), ...paging };
  },
});
