import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { days } from '#platform/clock.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { startWorld, type World } from '../../support/world.ts';
import { mailedToken } from './letters.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const SUBJECT = 'Confirm your email address';
const confirm = (token: unknown) => world.post('/api/auth/email', { token });

describe('authVerifyEmail', () => {
  test('confirms the address by the mailed token, once', async () => {
    const alice = await world.person('alice');
    const token = await mailedToken(world, alice.email, SUBJECT);

    const answers = await Promise.all([confirm(token), confirm(token)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect((await alice.get('/api/users/me')).body).toMatchObject({
      user: { emailVerified: true },
    });
    expect((await confirm(token)).body).toMatchObject({ code: 'link_invalid' });
    expect((await alice.post('/api/auth/email', {})).body).toEqual({ verified: true, sent: false });
  });

  test('sends the letter again, which ends the link of the one before', async () => {
    const bob = await world.person('bob');
    const first = await mailedToken(world, bob.email, SUBJECT);

    const { body } = await bob.post('/api/auth/email', {});

    expect(body).toEqual({ verified: false, sent: true });
    expect((await confirm(first)).status).toBe(400);
    expect((await confirm(await mailedToken(world, bob.email, SUBJECT))).status).toBe(200);
  });

  test('keeps the token out of the outbox', async () => {
    const carol = await world.person('carol');
    const token = await mailedToken(world, carol.email, SUBJECT);

    const events = JSON.stringify(await OutboxEvents.find().lean());

    expect(events).toContain('verification.issued');
    expect(events).not.toContain(token);
  });

  test('refuses a token that is a day old', async () => {
    const dave = await world.person('dave');
    const token = await mailedToken(world, dave.email, SUBJECT);

    world.advance(days(1));

    expect((await confirm(token)).status).toBe(400);
  });
});
