import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { discover, kebab, pathGroups } from '#build/discover.ts';
import { rewritesFor } from '#build/rewrites.ts';
import { grantStaff } from '#domain/admin/staff.ts';
import { setRole } from '#domain/users/users.ts';
import { PERMISSIONS } from '#platform/access.ts';
import { toId } from '#platform/id.ts';
import type { Person } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

const { endpoints } = await discover();
const groups = pathGroups(endpoints);
const rewrites = rewritesFor(endpoints);

let world: World;
let admin: Person;
beforeAll(async () => {
  world = await startWorld({ background: false });
  admin = await world.person('admin');
  await grantStaff(toId(admin.id), PERMISSIONS);
  await setRole(toId(admin.id), 'admin');
});
afterAll(() => world.stop());

/** Where hosting leads a path: to the first rewrite whose pattern it has. */
const ledTo = (path: string): string | undefined =>
  rewrites.find(({ source }) => {
    const pattern = source.replace(/\*\*/g, '.+').replace(/(?<!\.)\*/g, '[^/]+');
    return new RegExp(`^${pattern}$`).test(path);
  })?.run.serviceId;

describe.each(groups)('$path', ({ name, path }) => {
  test('is led to its own function, whatever stands for its parameters', () => {
    const filled = ['f'.repeat(24), 'not-an-id', '@alice'].map((value) =>
      path.replace(/:[A-Za-z]+/g, value),
    );

    expect(filled.map(ledTo)).toEqual(filled.map(() => kebab(name)));
  });
});

const withParameters = endpoints.filter(({ definition }) => definition.path.includes('/:'));

test.each(withParameters)('$name reads its parameters behind its own address too', async (one) => {
  const { method, path } = one.definition;
  const whole = path.replace(/:[A-Za-z]+/g, 'not-an-id');
  const tail = whole.split('/').slice(path.split('/').findIndex((part) => part.startsWith(':')));
  const sent = { ...(method !== 'GET' && { body: {} }), key: 'routes' };

  const byHosting = await admin.send(method, whole, sent);
  const byItself = await admin.send(method, `/functions/${one.name}/${tail.join('/')}`, sent);

  expect([byItself.status, byItself.body['code']]).toEqual([
    byHosting.status,
    byHosting.body['code'],
  ]);
});

const idsOnly = endpoints.filter(({ definition: { params } }) => {
  const schema = params && z.toJSONSchema(params, { io: 'input', unrepresentable: 'any' });
  return Object.values(schema?.properties ?? {}).some(
    (one) => typeof one === 'object' && one.pattern?.includes('[0-9a-f]{24}'),
  );
});

test.each(idsOnly)('$name answers a malformed id with 400', async ({ definition }) => {
  const path = definition.path.replace(/:[A-Za-z]+/g, 'not-an-id');

  const { status, body } = await admin.send(definition.method, path, {
    ...(definition.method !== 'GET' && { body: {} }),
    key: 'malformed',
  });

  expect([status, body['code']]).toEqual([400, 'invalid_id']);
});
