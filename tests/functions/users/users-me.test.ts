import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grantStaff } from '#domain/admin/staff.ts';
import { toId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

describe('usersMe', () => {
  test('shows people their own account, without its secrets', async () => {
    const alice = await world.person('alice');

    const { body } = await alice.get('/api/users/me');

    expect(body).toMatchObject({
      user: { id: alice.id, email: alice.email, mfaEnabled: false, counts: { followers: 0 } },
      capabilities: { permissions: [], restrictions: [] },
    });
    expect(JSON.stringify(body)).not.toMatch(/password|tokenVersion|\$2[aby]\$/);
  });

  test('shows staff what they may do as soon as it is granted', async () => {
    const bob = await world.person('bob');
    await grantStaff(toId(bob.id), ['users.read', 'users.ban']);

    const { body } = await bob.get('/api/users/me');

    expect(body).toMatchObject({
      user: { role: 'admin', badge: 'staff' },
      capabilities: { permissions: ['users.read', 'users.ban'] },
    });
  });
});
