import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover } from '#build/discover.ts';
import { grantStaff } from '#domain/admin/staff.ts';
import { setRole } from '#domain/users/users.ts';
import { type Access, PERMISSIONS } from '#platform/access.ts';
import { toId } from '#platform/id.ts';
import type { Answer } from '../support/caller.ts';
import type { Person } from '../support/people.ts';
import { startWorld, type World } from '../support/world.ts';

const { endpoints } = await discover();
const CALLERS = ['stranger', 'user', 'seller', 'newAdmin', 'admin'] as const;
type Caller = (typeof CALLERS)[number];

let world: World;
const people = new Map<Caller, Person>();

beforeAll(async () => {
  world = await startWorld({
    background: false,
    environment: { REQUIRE_VERIFIED_EMAIL: 'false' },
  });
  for (const caller of CALLERS.slice(1)) people.set(caller, await world.person(caller));
  const idOf = (caller: Caller) => toId<'user'>(people.get(caller)?.id ?? '');
  await setRole(idOf('seller'), 'seller');
  await grantStaff(idOf('newAdmin'), []);
  await setRole(idOf('newAdmin'), 'admin');
  await grantStaff(idOf('admin'), PERMISSIONS);
  await setRole(idOf('admin'), 'admin');
});
afterAll(() => world.stop());

/** The input is nonsense on purpose: who may not call is refused before the input is read. */
const NONSENSE = { nonsense: true };
const pathWithIds = (path: string): string => path.replace(/:[A-Za-z]+/g, 'f'.repeat(24));

type Verdict = 'let in' | 'sign in first' | 'no admin' | 'no permission' | 'no seller';

function verdict({ status, body }: Answer): Verdict {
  const code = String(body['code']);
  if (status === 401 && code === 'no_token') return 'sign in first';
  if (code === 'admin_required') return 'no admin';
  if (code === 'permission_required') return 'no permission';
  if (code === 'seller_required') return 'no seller';
  return 'let in';
}

/** What the declaration promises this caller. */
function promised(access: Access, caller: Caller): Verdict {
  if (access === 'public' || access === 'optional' || access === 'signed' || access === 'refresh')
    return 'let in';
  if (caller === 'stranger') return 'sign in first';
  if (access.startsWith('staff:')) {
    if (caller === 'admin') return 'let in';
    return caller === 'newAdmin' ? 'no permission' : 'no admin';
  }
  if (access === 'seller') return caller === 'user' ? 'no seller' : 'let in';
  return 'let in';
}

describe.each(endpoints)('$name', ({ name, definition: { method, path, access } }) => {
  test.each(CALLERS)('treats a %s as declared', async (caller) => {
    const headers = { 'idempotency-key': `matrix-${caller}` };
    const url = `/functions/${name}${pathWithIds(path)}`;
    const by = people.get(caller) ?? world;

    const answer = await by.send(method, url, {
      ...(method !== 'GET' && { body: NONSENSE }),
      headers,
    });

    expect(verdict(answer)).toBe(promised(access, caller));
    expect(answer.status).toBeLessThan(500);
  });
});
