import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { changeSetting } from '#domain/system/settings.ts';
import { days } from '#platform/clock.ts';
import { type Person, signInAgain } from '../../support/people.ts';
import {
  apply,
  casesOf,
  FORM,
  fillIn,
  lookedInto,
  sendDocument,
  staffMember,
} from '../../support/sellers.ts';
import { eventsAbout, inboxOf, objectsIn } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
beforeAll(async () => {
  world = await startWorld();
  // Nobody here could sign in again with a code of a clock that was moved.
  await changeSetting('sellers.requireMfa', false);
  staff = await staffMember(world, ['sellers.verify']);
});
beforeEach(() => signInAgain(world, staff));
afterAll(() => world.stop());

const decide = (person: Person, action: string, more: object = {}) =>
  staff.put(`/api/admin/users/${person.id}/verify`, { action, ...more });

/** Somebody who was approved with a document that is good for 200 days. */
async function approved(form: object = {}): Promise<Person> {
  const person = await world.person('seller');
  await fillIn(world, person, form);
  await apply(person, { action: 'submit' });
  await decide(person, 'approve');
  return person;
}

async function later(count: number, ...people: readonly Person[]): Promise<void> {
  world.advance(days(count));
  await signInAgain(world, staff, ...people);
}

describe('reverifySellers', { timeout: 60_000 }, () => {
  test('warns 30, 7 and 1 days before the end, once each, and then pauses the shop', async () => {
    const person = await approved();
    const told: string[][] = [];

    for (const wait of [160, 12, 0, 22, 5]) {
      await later(wait, person);
      await world.runJob('reverifySellers');
      await world.settle();
      told.push(await inboxOf(person));
    }
    await later(2, person);
    await world.runJob('reverifySellers');
    const { body } = await person.get('/api/seller');

    const warned = told.map((types) => types.filter((type) => type === 'account_notice').length);
    expect(warned).toEqual([0, 1, 1, 2, 3]);
    expect(body).toMatchObject({
      verifications: [{ status: 'expired' }],
      shop: { status: 'suspended' },
      tasks: expect.arrayContaining(['renew_verification', 'upload_identity']),
    });
    expect(await eventsAbout(person.id)).toContain('seller.expired');
  });

  test('opens the shop again when the verification was renewed', async () => {
    const person = await approved();
    await later(201, person);
    await world.runJob('reverifySellers');

    const early = await apply(person, { action: 'submit' });
    await lookedInto(person, await sendDocument(person));
    const renewed = await apply(person, { action: 'submit' });
    await decide(person, 'approve');
    const { body } = await person.get('/api/seller');

    expect([early.status, renewed.status]).toEqual([409, 201]);
    expect(body).toMatchObject({
      verifications: [{ status: 'approved', expiresAt: null }],
      shop: { status: 'active' },
    });
  });

  test('erases documents ninety days after the decision and keeps the decision', async () => {
    const person = await approved();

    await later(89, person);
    await world.runJob('reverifySellers');
    const before = await objectsIn('KYC_BUCKET', `${person.id}/`);
    await later(2, person);
    await world.runJob('reverifySellers');
    await world.runJob('reverifySellers');

    expect(before).toHaveLength(1);
    expect(await objectsIn('KYC_BUCKET', `${person.id}/`)).toEqual([]);
    expect((await casesOf(person))[0]).toMatchObject({ status: 'approved', documents: [] });
  });

  test('suspends whose name comes onto the list, until staff has looked at it', async () => {
    const person = await approved({ legalName: 'Zoë  Černá' });
    await changeSetting('sellers.sanctionedNames', ['zoe cerna']);

    await world.runJob('reverifySellers');
    const suspended = await casesOf(person);
    await decide(person, 'reinstate');
    await world.runJob('reverifySellers');
    const reinstated = await casesOf(person);

    expect(suspended[0]).toMatchObject({ status: 'suspended', reasonCode: 'sanctions' });
    expect(reinstated[0]).toMatchObject({ status: 'approved' });
  });

  test('leaves who was refused a week before they may ask again', async () => {
    const person = await world.person('refused');
    await fillIn(world, person);
    await apply(person, { action: 'submit' });
    await decide(person, 'reject', { reasonCode: 'name_mismatch', note: 'Not your paper' });
    const refused = await casesOf(person);

    const early = await apply(person, FORM);
    await later(8, person);
    const late = await apply(person, FORM);

    expect(refused[0]).toMatchObject({ reasonCode: 'name_mismatch', note: 'Not your paper' });
    expect([early.status, early.body['code']]).toEqual([409, 'too_soon_to_apply']);
    expect([late.status, late.body['application']?.['status']]).toEqual([201, 'draft']);
  });
});
