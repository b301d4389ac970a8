import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { eventsAbout, inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
beforeAll(async () => {
  world = await startWorld();
  staff = await staffMember(world, ['sellers.verify']);
});
afterAll(() => world.stop());

const verify = (person: Person, body: object = {}, by = staff) =>
  by.put(`/api/admin/users/${person.id}/verify`, body);

describe('adminVerify', () => {
  test('lets somebody sell who never applied, and leaves a record that says who and why', async () => {
    const person = await world.person('seller');

    const answer = await verify(person, { note: 'Known from the fair' });
    await world.settle();

    expect([answer.status, answer.body]).toMatchObject([
      200,
      {
        user: { id: person.id, role: 'seller' },
        verification: { kind: 'admin_granted', status: 'approved', note: 'Known from the fair' },
      },
    ]);
    expect(await eventsAbout(person.id)).toContain('seller.verified');
    expect(await inboxOf(person)).toEqual(['seller_verified']);
  });

  test('approves nobody twice', async () => {
    const person = await world.person('seller');
    await verify(person);

    const again = await verify(person);

    expect([again.status, again.body['current']]).toEqual([409, 'approved']);
  });
});
