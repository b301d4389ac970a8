import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let banned: Person;

beforeAll(async () => {
  world = await startWorld({ background: false });
  staff = await staffMember(world, ['users.ban', 'audit.read']);
  banned = await world.person('banned');
  const other = await world.person('other');
  for (const { id } of [banned, other])
    await staff.put(`/api/admin/users/${id}/ban`, { reason: 'spam' });
});
afterAll(() => world.stop());

const count = async (query: string): Promise<number> => {
  const { status, body } = await staff.get(`/api/admin/actions${query}`);
  return status === 200 ? (body['actions']?.length ?? 0) : -status;
};

describe('adminActions', () => {
  test('finds deeds by who did them, to what, and what they were', async () => {
    expect([
      await count(''),
      await count('?limit=1'),
      await count(`?actor=${staff.id}`),
      await count(`?target=${banned.id}`),
      await count('?action=users.ban'),
      await count('?action=money.adjust'),
    ]).toEqual([2, 1, 2, 1, 2, 0]);
  });

  test('takes one question at a time, because each has its index', async () => {
    expect(await count(`?actor=${staff.id}&action=users.ban`)).toBe(-400);
  });
});
