import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Answer } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let zoe: Person;

beforeAll(async () => {
  world = await startWorld({ background: false });
  staff = await staffMember(world, ['users.read']);
  zoe = await world.person('zoe');
  await world.person('zora');
});
afterAll(() => world.stop());

const found = ({ body }: Answer) =>
  (body['users'] as unknown as { id: string; username: string }[]).map(({ username }) => username);

describe('adminUsers', () => {
  test('finds accounts by the beginning of a name, with or without @, in order', async () => {
    const plain = found(await staff.get('/api/admin/users?q=zo'));

    expect(plain).toEqual([zoe.username, expect.stringMatching(/^zora_/)]);
    expect(found(await staff.get('/api/admin/users?q=@ZO'))).toEqual(plain);
  });

  test('finds one account by its whole email address', async () => {
    expect(found(await staff.get(`/api/admin/users?q=${zoe.email}`))).toEqual([zoe.username]);
  });

  test.each([
    ['role', '?role=admin'],
    ['status', '?status=active&limit=1'],
    ['role and status', '?role=admin&status=active'],
    ['nothing', '?limit=1'],
  ])('lists accounts by %s, the newest first', async (_, query) => {
    const answer = await staff.get(`/api/admin/users${query}`);

    expect(answer.status).toBe(200);
    expect(found(answer)).toHaveLength(1);
  });

  test('goes on where a page ended', async () => {
    const first = await staff.get('/api/admin/users?q=zo&limit=1');
    const cursor = String(first.body['nextCursor']);
    const second = await staff.get(`/api/admin/users?q=zo&limit=1&cursor=${cursor}`);

    expect([...found(first), ...found(second)]).toEqual(
      found(await staff.get('/api/admin/users?q=zo')),
    );
    expect(second.body['nextCursor']).toBeNull();
  });

  test('shows nothing of passwords, second factors or tokens', async () => {
    const { body } = await staff.get(`/api/admin/users?q=${zoe.username}`);

    expect(Object.keys(body['users']?.at(0) ?? {}).sort()).toEqual(
      [
        ...['createdAt', 'email', 'emailVerified', 'id', 'restrictions', 'role'],
        ...['status', 'suspendedUntil', 'username'],
      ].sort(),
    );
  });
});
