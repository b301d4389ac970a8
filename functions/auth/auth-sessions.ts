import { SessionView, sessionsOf, toSessionView } from '#domain/auth/session-list.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the devices that are signed in, the latest used first.',
  method: 'GET',
  path: '/api/auth/sessions',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  query: PageQuery,
  output: pageOf('sessions', SessionView),

  handler: async ({ actor, query }) =>
    named('sessions', await sessionsOf(actor.id, query), (session) =>
      toSessionView(session, actor.sessionId),
    ),
});
