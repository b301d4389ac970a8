import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minutes } from '#platform/clock.ts';
import { startWorld, type World } from '../../support/world.ts';
import { challengeOf, withAuthenticator } from './authenticator.ts';
import { atTheStartOf } from './windows.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world?.stop());

const answer = (challenge: string, code: string) =>
  world.post('/api/auth/mfa/challenge', { challenge, code });
const statuses = (answers: readonly { readonly status: number }[]) =>
  answers.map(({ status }) => status).sort();

describe('authMfaChallenge', () => {
  test('finishes a sign-in with the code of the authenticator, and not with a spent one', async () => {
    const alice = await world.person('alice');
    const { spentCode, freshCode } = await withAuthenticator(world, alice);
    const challenge = await challengeOf(world, alice);

    const spent = await answer(challenge, spentCode);
    const { status, body } = await answer(challenge, freshCode());

    expect(spent.body).toMatchObject({ error: 'Invalid code', code: 'invalid_code' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ user: { id: alice.id, mfaEnabled: true }, expiresIn: 3600 });
    expect((await answer(challenge, freshCode())).status).toBe(401);
  });

  test('takes one code once, when two sign-ins send it at the same moment', async () => {
    const bob = await world.person('bob');
    const { freshCode } = await withAuthenticator(world, bob);
    const challenges = [await challengeOf(world, bob), await challengeOf(world, bob)];

    const code = freshCode();
    const answers = await Promise.all(challenges.map((one) => answer(one, code)));

    expect(statuses(answers)).toEqual([200, 401]);
  });

  test('takes a recovery code once, when two sign-ins send it at the same moment', async () => {
    const carol = await world.person('carol');
    const { recoveryCodes } = await withAuthenticator(world, carol);
    const code = recoveryCodes[0] ?? '';
    const challenges = [await challengeOf(world, carol), await challengeOf(world, carol)];

    const answers = await Promise.all(challenges.map((one) => answer(one, code.toUpperCase())));
    const later = await answer(await challengeOf(world, carol), code);

    expect(statuses(answers)).toEqual([200, 401]);
    expect(later.status).toBe(401);
  });

  test('finishes one challenge once, when two right codes answer it at the same moment', async () => {
    const dave = await world.person('dave');
    const { recoveryCodes } = await withAuthenticator(world, dave);
    const challenge = await challengeOf(world, dave);

    const answers = await Promise.all(
      recoveryCodes.slice(0, 2).map((code) => answer(challenge, code)),
    );

    expect(statuses(answers)).toEqual([200, 401]);
  });

  test('gives up a challenge after five guesses, and after five minutes', async () => {
    const erin = await world.person('erin');
    const { recoveryCodes } = await withAuthenticator(world, erin);
    const guessed = await challengeOf(world, erin);
    const forgotten = await challengeOf(world, erin);
    const wrong = 'aaaa-aaaa-aaaa-aaaa';

    for (let guess = 0; guess < 5; guess += 1) await answer(guessed, wrong);
    const sixth = await answer(guessed, recoveryCodes[0] ?? '');
    world.advance(minutes(5));
    const late = await answer(forgotten, recoveryCodes[0] ?? '');

    expect(sixth.body).toMatchObject({ code: 'challenge_invalid' });
    expect(late.body).toMatchObject({ code: 'challenge_invalid' });
  });

  test('stops guesses that are spread over many challenges', async () => {
    const frank = await world.person('frank');
    await withAuthenticator(world, frank);
    atTheStartOf(world, minutes(15));

    const answers: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const challenge = await challengeOf(world, frank);
      for (let guess = 0; guess < 3; guess += 1)
        answers.push((await answer(challenge, 'aaaa-aaaa-aaaa-aaaa')).status);
    }

    expect(answers.slice(0, 10).every((status) => status === 401)).toBe(true);
    expect(answers.slice(10)).toEqual([429, 429]);
  });
});
