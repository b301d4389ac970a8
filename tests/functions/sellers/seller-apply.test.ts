import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expire } from '#domain/sellers/reverify.ts';
import { DEEDS, type VerificationDeed } from '#domain/sellers/verification-state.ts';
import { casesOf as rowsOf } from '#domain/sellers/verifications.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import type { Problem } from '#platform/problem.ts';
import type { Answer, Body } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { aDraft, apply, casesOf, FORM, staffMember } from '../../support/sellers.ts';
import { eventsAbout, inboxOf, objectsIn } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
let second: Person;
beforeAll(async () => {
  world = await startWorld();
  staff = await staffMember(world, ['sellers.verify']);
  second = await staffMember(world, ['sellers.verify']);
});
afterAll(() => world.stop());

const decide = (person: Person, action: string, by = staff, more: object = {}): Promise<Answer> =>
  by.put(`/api/admin/users/${person.id}/verify`, { action, ...more });

const statusOf = async (person: Person): Promise<string> =>
  String((await casesOf(person))[0]?.['status']);

/** The job's part: there is no request for it. */
async function endOf(person: Person): Promise<Pick<Answer, 'status' | 'body'>> {
  const [row] = await rowsOf(toId(person.id));
  if (!row) throw new Error('no case');
  return expire(row, world.now()).then(
    () => ({ status: 200, body: {} as Body }),
    ({ status }: Problem) => ({ status, body: {} as Body }),
  );
}

/** Everything that can be tried with a case, by whoever may try it. */
const TRY: Readonly<
  Record<VerificationDeed, (person: Person) => Promise<Pick<Answer, 'status' | 'body'>>>
> = {
  submit: (person) => apply(person, { action: 'submit' }),
  withdraw: (person) => apply(person, { action: 'withdraw' }),
  claim: (person) => decide(person, 'claim'),
  approve: (person) => decide(person, 'approve'),
  reject: (person) => decide(person, 'reject'),
  needs_info: (person) => decide(person, 'needs_info'),
  expire: endOf,
  suspend: (person) => decide(person, 'suspend'),
  reinstate: (person) => decide(person, 'reinstate'),
  revoke: async (person) => {
    await decide(person, 'revoke');
    return decide(person, 'revoke', second);
  },
};
type Tried = keyof typeof TRY;

const SUSPECT = { legalName: 'Šedá Eminence' };
/** How a case comes into each state, from a draft that lacks nothing. */
const WAYS: Readonly<Record<string, readonly Tried[]>> = {
  draft: [],
  submitted: ['submit'],
  in_review: ['submit'],
  needs_info: ['submit', 'needs_info'],
  approved: ['submit', 'approve'],
  expired: ['submit', 'approve', 'expire'],
  suspended: ['submit', 'approve', 'suspend'],
  rejected: ['submit', 'reject'],
  revoked: ['submit', 'approve', 'suspend', 'revoke'],
  withdrawn: ['withdraw'],
};

async function inState(state: string): Promise<Person> {
  const person = await aDraft(world, state.replace('_', ''), state === 'submitted' ? SUSPECT : {});
  for (const deed of WAYS[state] ?? []) {
    const { status, body } = await TRY[deed](person);
    if (status > 201) throw new Error(`${deed}: ${JSON.stringify(body)}`);
  }
  return person;
}

const allows = (deed: VerificationDeed, state: string): boolean =>
  DEEDS[deed].from.some((from) => from === state);
const tried = Object.keys(TRY) as Tried[];
const states = Object.keys(WAYS);
const LISTED = states.flatMap((state) =>
  tried.filter((deed) => allows(deed, state)).map((deed) => [state, deed] as const),
);

describe('a verification', { timeout: 60_000 }, () => {
  beforeAll(() => changeSetting('sellers.sanctionedNames', ['seda eminence']));

  test.each(LISTED)('that is %s knows %s', async (state, deed) => {
    const person = await inState(state);
    const before = await statusOf(person);

    const answer = await TRY[deed](person);

    expect([before, answer.status]).toEqual([state, deed === 'submit' ? 201 : expect.any(Number)]);
    expect(answer.status).toBeLessThan(300);
    // What the checks find nothing in goes on to review by itself.
    expect(await statusOf(person)).toBe(deed === 'submit' ? 'in_review' : DEEDS[deed].to);
  });

  test.each(states)('that is %s refuses everything else and stays as it is', async (state) => {
    const person = await inState(state);
    const before = await casesOf(person);
    // After its end there is nothing to decide on, and to approve grants anew.
    const over = ['rejected', 'revoked', 'withdrawn'].includes(state);
    const unlisted = tried.filter((deed) => !allows(deed, state) && !(over && deed === 'approve'));

    const answers = [];
    for (const deed of unlisted) answers.push((await TRY[deed](person)).status);

    expect(answers).toEqual(unlisted.map(() => 409));
    expect(await casesOf(person)).toEqual(before);
  });
});

describe('sellerApply', { timeout: 60_000 }, () => {
  test('leads from the first form to a shop that sells', async () => {
    const person = await aDraft(world);

    await apply(person, { action: 'submit' });
    const answer = await decide(person, 'approve');
    await world.settle();
    const { body } = await person.get('/api/seller');

    expect(answer.body['user']).toMatchObject({ role: 'seller' });
    expect(body).toMatchObject({
      verifications: [{ kind: 'individual', status: 'approved' }],
      shop: { status: 'active', currency: 'USD' },
      tasks: ['add_payout_account'],
    });
    expect(await inboxOf(person)).toEqual(['seller_verified']);
    expect(await eventsAbout(person.id)).toEqual(
      expect.arrayContaining(['seller.submitted', 'seller.verified']),
    );
  });

  test('verifies a creator without opening a shop', async () => {
    const person = await aDraft(world, 'creator', { kind: 'creator' });

    await apply(person, { action: 'submit', purpose: 'creator' });
    const answer = await decide(person, 'approve');
    const { body } = await person.get('/api/seller');

    expect(answer.body['user']).toMatchObject({ role: 'user' });
    expect(body).toMatchObject({ shop: null, verifications: [{ status: 'approved' }] });
  });

  test('names all that is missing', async () => {
    const person = await world.person('hasty');
    await apply(person, { ...FORM, kind: 'business', country: 'ZZ', birthDate: '2015-01-01' });

    const answer = await apply(person, { action: 'submit' });
    const { body } = await person.get('/api/seller');

    expect([answer.status, answer.body['code']]).toEqual([409, 'application_incomplete']);
    expect(answer.body['details']).toEqual([
      'enable_mfa',
      'be_of_age',
      'choose_supported_country',
      'upload_identity',
      'upload_business',
    ]);
    expect(body['tasks']).toEqual(answer.body['details']);
  });

  test('corrects what staff asks for, and hands it in again', async () => {
    const person = await inState('needs_info');

    const corrected = await apply(person, { ...FORM, legalName: 'Ada Nováková-Malá' });
    const again = await apply(person, { action: 'submit' });

    expect(corrected.body['application']).toMatchObject({ status: 'needs_info' });
    expect(again.body['application']).toMatchObject({
      status: 'in_review',
      legalName: 'Ada Nováková-Malá',
      reasonCode: null,
    });
  });

  test('has one case, however often it is begun at once', async () => {
    const person = await world.person('eager');

    const answers = await Promise.all(Array.from({ length: 5 }, () => apply(person, FORM)));

    expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    expect(await casesOf(person)).toHaveLength(1);
  });

  test('gives up the documents of what was withdrawn', async () => {
    const person = await inState('withdrawn');

    await world.runJob('reverifySellers');

    expect(await objectsIn('KYC_BUCKET', `${person.id}/`)).toEqual([]);
    expect((await casesOf(person))[0]).toMatchObject({ status: 'withdrawn', documents: [] });
  });
});

describe('adminVerify', { timeout: 60_000 }, () => {
  test('takes two people to revoke, and then the shop is closed', async () => {
    const person = await inState('suspended');

    const asked = await decide(person, 'revoke', staff, { note: 'Fakes' });
    const alone = await decide(person, 'revoke');
    const done = await decide(person, 'revoke', second);
    const { body } = await person.get('/api/seller');

    expect(asked.body['verification']).toMatchObject({
      status: 'suspended',
      approvalId: expect.any(String),
    });
    expect([alone.status, alone.body['code']]).toEqual([409, 'second_person_required']);
    expect(done.body).toMatchObject({
      user: { role: 'user' },
      verification: { status: 'revoked' },
    });
    expect(body['shop']).toMatchObject({ status: 'closed' });
  });

  test('pauses a shop while its owner is suspended, and opens it again', async () => {
    const person = await inState('suspended');
    const paused = await person.get('/api/seller');

    await decide(person, 'reinstate');
    const opened = await person.get('/api/seller');

    expect(paused.body['shop']).toMatchObject({ status: 'suspended' });
    expect(opened.body['shop']).toMatchObject({ status: 'active' });
  });

  test('approves once when two ask at the same moment', async () => {
    const person = await inState('in_review');

    const answers = await Promise.all([
      decide(person, 'approve'),
      decide(person, 'approve', second),
    ]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  test('decides on the case that is named, and on no one else’s', async () => {
    const [person, other] = [await inState('in_review'), await inState('draft')];
    const [mine, theirs] = [await casesOf(person), await casesOf(other)];
    const named = (row: Body | undefined) => ({ verificationId: String(row?.['id']) });

    const wrong = await decide(person, 'approve', staff, named(theirs[0]));
    const right = await decide(person, 'approve', staff, named(mine[0]));

    expect([wrong.status, right.status]).toEqual([404, 200]);
  });

  test('refuses somebody who never applied only by saying so', async () => {
    const person = await world.person('nobody');

    const answer = await staff.put(`/api/admin/users/${person.id}/verify`, { approved: false });

    expect([answer.status, answer.body['current']]).toEqual([409, null]);
  });
});
