import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover, type FoundEndpoint } from '#build/discover.ts';
import { grantStaff } from '#domain/admin/staff.ts';
import { setRole } from '#domain/users/users.ts';
import { needsActor, PERMISSIONS } from '#platform/access.ts';
import { toId } from '#platform/id.ts';
import type { Person } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

const { endpoints } = await discover();
const REQUESTS = 10_000;
const AT_ONCE = 16;

let world: World;
let admin: Person;

beforeAll(async () => {
  world = await startWorld({ background: false, environment: { RATE_LIMIT_SCALE: '1000000' } });
  admin = await world.person('admin');
  await grantStaff(toId(admin.id), PERMISSIONS);
  await setRole(toId(admin.id), 'admin');
});
afterAll(() => world.stop());

/** A small generator with a seed, so that a failing request can be repeated. */
function randomFrom(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}
type Random = ReturnType<typeof randomFrom>;

const pick = <Item>(random: Random, items: readonly Item[]): Item =>
  items[random(items.length)] as Item;

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1e308,
  1.5,
  '',
  ' ',
  '\u0000',
  '\ud800',
  'a'.repeat(70_000),
  "'; DROP TABLE users; --",
  '<script>alert(1)</script>',
  '../../etc/passwd',
  [],
  {},
  { $gt: '' },
  { $ne: null },
  { $where: 'sleep(1000)' },
  { $regex: '^(a+)+$' },
  [{ $gt: '' }],
  { toString: 'x', valueOf: 1 },
  { constructor: { prototype: { admin: true } } },
  { length: 1e9 },
];

const ROUTE_VALUES = [
  'f'.repeat(24),
  '0',
  'x',
  '%00',
  '%2e%2e%2f',
  '[object Object]',
  'me',
  'a'.repeat(3000),
  '$ne',
  '__proto__',
  'constructor',
] as const;

/** Names an endpoint reads, and names nobody should. */
function namesOf({ definition: { body } }: FoundEndpoint): string[] {
  const shape = body && 'shape' in body ? Object.keys(body.shape as object) : [];
  return [...shape, '$where', '__proto__', 'constructor', 'role', '_id', 'balance'];
}

function hostileBody(random: Random, endpoint: FoundEndpoint): string {
  switch (random(8)) {
    case 0:
      return pick(random, [
        '{',
        '[1,',
        'null',
        '"text"',
        '12',
        deep(20_000),
        '{"a":1}}',
        '\ufeff{}',
      ]);
    case 1:
      return JSON.stringify(pick(random, HOSTILE_VALUES));
    case 2:
      return `{"__proto__":{"role":"admin"},"constructor":{"prototype":{"x":1}}}`;
    default: {
      const names = namesOf(endpoint);
      const entries = Array.from({ length: 1 + random(4) }, () => [
        pick(random, names),
        pick(random, HOSTILE_VALUES),
      ]);
      return JSON.stringify(Object.fromEntries(entries));
    }
  }
}

function hostileRequest(random: Random) {
  const endpoint = pick(random, endpoints);
  const { method, path } = endpoint.definition;
  const route = path.replace(/:[A-Za-z]+/g, () => pick(random, ROUTE_VALUES));
  const query = random(3) === 0 ? pick(random, QUERIES) : '';
  const verb = random(20) === 0 ? pick(random, ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']) : method;
  const token = pick(random, TOKENS);
  return {
    verb,
    url: `${route}${query}`,
    sent: {
      headers: {
        'content-type': pick(random, CONTENT_TYPES),
        'idempotency-key': pick(random, ['', 'k', 'a'.repeat(500), randomBytes(6).toString('hex')]),
        ...(token === 'admin'
          ? { authorization: `Bearer ${admin.token}` }
          : { authorization: token }),
      },
      ...(verb !== 'GET' && { body: hostileBody(random, endpoint) }),
    },
  };
}

const QUERIES = [
  '?limit=-1',
  '?limit=1e9',
  '?page=99999999',
  '?cursor=abc.def',
  '?cursor[$gt]=',
  '?a[$ne]=1&a[$ne]=2',
  '?limit=1&limit=2',
  '?mode=%00',
  '?__proto__=1',
] as const;
const TOKENS = ['admin', 'admin', 'admin', '', 'Bearer x', 'Bearer a.b.c', 'Basic eDp5'] as const;
const CONTENT_TYPES = [
  'application/json',
  'application/json',
  'application/json',
  'text/plain',
  'multipart/form-data; boundary=x',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
] as const;

/** How much of everything there is, without the books that every request may write to. */
async function stateOfEverything(): Promise<Record<string, number>> {
  const state: Record<string, number> = {};
  for (const model of Object.values(mongoose.models))
    state[model.modelName] = await model.countDocuments({});
  return state;
}

describe('hostile requests', () => {
  test(`${REQUESTS} of them get an answer below 500, in JSON`, { timeout: 600_000 }, async () => {
    const random = randomFrom(20_261_123);
    const before = await stateOfEverything();
    const wrong: string[] = [];
    let left = REQUESTS;

    const worker = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const { verb, url, sent } = hostileRequest(random);
        const answer = await world.send(verb, url, sent);
        const isJson = answer.headers.get('content-type')?.startsWith('application/json');
        if (answer.status >= 500 || !isJson || answer.body['error'] === undefined)
          if (answer.status >= 400 || answer.status < 200)
            wrong.push(
              `${verb} ${url.slice(0, 100)} ${JSON.stringify(sent).slice(0, 300)} → ${answer.status}`,
            );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));

    expect(wrong.slice(0, 5)).toEqual([]);
    expect(await stateOfEverything()).toEqual(before);
    expect((await world.get('/api/health')).status).toBe(200);
  });
});

describe.each(endpoints)('$name', ({ name, definition: { method, path, params, access } }) => {
  const own = path.replace(/:[A-Za-z]+/g, 'f'.repeat(24));

  test('answers another method with 405 and the methods it has', async () => {
    const { status, body, headers } = await world.send('PATCH', `/functions/${name}${own}`);

    expect([status, body['code']]).toEqual([405, 'method_not_allowed']);
    expect(headers.get('allow')).toContain(method);
  });

  test.runIf(params && Object.keys(params.shape).some((key) => /id$/i.test(key)))(
    'answers a malformed id with 400 or treats it as a name',
    async () => {
      const { status, body } = await admin.send(method, path.replace(/:[A-Za-z]+/g, 'not-an-id'), {
        ...(method !== 'GET' && { body: {} }),
        key: 'malformed-id',
      });

      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
      expect(body['error']).toBeDefined();
    },
  );

  test.runIf(method !== 'GET' && access !== 'signed')('refuses what is not JSON', async () => {
    const by = needsActor(access) ? admin : world;
    const malformed = await by.send(method, own, {
      body: '{"a":',
      key: 'malformed',
      headers: { 'content-type': 'application/json' },
    });
    const text = await by.send(method, own, {
      body: 'a=1',
      key: 'text',
      headers: { 'content-type': 'text/plain' },
    });
    const large = await by.send(method, own, { body: { a: 'a'.repeat(2_000_000) }, key: 'large' });

    expect([malformed.status, malformed.body['code']]).toEqual([400, 'malformed_json']);
    expect([text.status, text.body['code']]).toEqual([415, 'unsupported_media_type']);
    expect([large.status, large.body['code']]).toEqual([413, 'too_large']);
  });
});
