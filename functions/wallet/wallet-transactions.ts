import { z } from 'zod';
import {
  LineWithPerson,
  StatementLine,
  statementOf,
  withPeople,
} from '#domain/wallet/statement.ts';
import { endpoint } from '#platform/endpoint.ts';
import { PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

const Moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).pipe(z.coerce.date());

export default endpoint({
  summary: 'List the lines of the caller’s statement, newest first.',
  method: 'GET',
  path: '/api/wallet/transactions',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery.extend({
    type: StatementLine.shape.type.optional(),
    from: Moment.optional(),
    /** Exclusive. */
    to: Moment.optional(),
  }),
  output: pageOf('transactions', LineWithPerson),

  handler: async ({ actor, query: { type, from, to, ...page }, now }) => {
    const { items, ...paging } = await statementOf(actor.id, { type, from, to }, page);
    return { transactions: await withPeople(items, now), ...paging };
  },
});
