import { z } from 'zod';
import { changeRelation, RELATION_ACTIONS } from '#domain/users/change-relation.ts';
import { relationOf } from '#domain/users/relations.ts';
import { endpoint } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Block, mute or remove a person, answer their request, or ring the bell for them.',
  method: 'PUT',
  path: '/api/users/:id/relation',
  access: 'user',
  rateLimit: perActor(60, 'minute'),
  params: z.object({ id: idOf('user') }),
  body: z.object({ action: z.enum(RELATION_ACTIONS) }),
  output: z.object({
    relation: z.object({
      follows: z.boolean(),
      requested: z.boolean(),
      followedBy: z.boolean(),
      friends: z.boolean(),
      blocked: z.boolean(),
    }),
  }),
  problems: [NotFound],

  handler: async ({ actor, params: { id }, body: { action }, now }) => {
    await changeRelation(actor.id, id, action, now);
    return { relation: await relationOf(actor.id, id) };
  },
});
