import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { minutes } from '#platform/clock.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { withAuthenticator } from '../auth/authenticator.ts';
import { balanceOf, giveCash, statementOf } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const soon = () => new Date(Date.now() + minutes(2));
const provenBalanced = async () =>
  expect((await audit(world.now(), soon())).differences).toEqual([]);

async function pair(cash: number): Promise<[Person, Person]> {
  const sender = await world.person('alice');
  const receiver = await world.person('bob');
  if (cash > 0) await giveCash(sender.id, cash);
  return [sender, receiver];
}

describe('walletTransfer', () => {
  test('moves money from one wallet to the other and tells the receiver', async () => {
    const [alice, bob] = await pair(1000);

    const { status, body } = await alice.post(
      '/api/wallet/transfer',
      { to: `@${bob.username}`, amount: 300, note: ' lunch ' },
      { key: 'lunch' },
    );

    expect(status).toBe(201);
    expect(body).toMatchObject({
      transaction: { type: 'transfer', direction: 'out', amount: 300, note: 'lunch', to: bob.id },
      balance: 700,
    });
    expect(await balanceOf(alice)).toBe(700);
    expect(await balanceOf(bob)).toBe(300);
    await world.settle();
    expect(await statementOf(bob)).toMatchObject([
      {
        type: 'transfer',
        direction: 'in',
        amount: 300,
        counterparty: { username: alice.username },
      },
    ]);
    const { body: inbox } = await bob.get('/api/notifications');
    expect(JSON.stringify(inbox)).toContain('transfer_received');
    for (const { id } of [alice, bob])
      expect(await world.realtime(`user:${id}`)).toContainEqual(
        expect.objectContaining({ name: 'wallet:update' }),
      );
  });

  test('accepts the older name of the recipient', async () => {
    const [alice, bob] = await pair(50);

    const sent = await alice.post('/api/wallet/transfer', { toUserId: bob.id, amount: 50 });

    expect(sent.status).toBe(201);
    expect(sent.headers.get('idempotency-key-derived')).toBeTruthy();
    const both = { to: bob.id, toUserId: bob.id, amount: 50 };
    expect((await alice.post('/api/wallet/transfer', both)).status).toBe(400);
    expect((await alice.post('/api/wallet/transfer', { amount: 50 })).status).toBe(400);
    expect((await alice.post('/api/wallet/transfer', { ...both, more: 1 })).status).toBe(400);
  });

  test('refuses the same key with something else in it', async () => {
    const [alice, bob] = await pair(500);
    const send = (amount: number) =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount }, { key: 'reused' });

    expect((await send(100)).status).toBe(201);
    expect((await send(200)).status).toBe(422);
    expect(await balanceOf(alice)).toBe(400);
  });

  test('spends at once what has just come in', async () => {
    const [alice, bob] = await pair(100);
    const carol = await world.person('carol');

    await alice.post('/api/wallet/transfer', { to: bob.id, amount: 100 });
    const onward = await bob.post('/api/wallet/transfer', { to: carol.id, amount: 100 });

    expect(onward.status).toBe(201);
    expect(await balanceOf(carol)).toBe(100);
  });

  test('refuses oneself, nobody, and somebody who blocked the sender', async () => {
    const [alice, bob] = await pair(100);
    const send = (to: string) => alice.post('/api/wallet/transfer', { to, amount: 1 });

    expect((await send(alice.id)).status).toBe(400);
    expect((await send('507f1f77bcf86cd799439011')).status).toBe(404);
    const blocking = await bob.put(`/api/users/${alice.id}/relation`, { action: 'block' });
    expect(blocking.status).toBe(200);
    expect((await send(bob.id)).status).toBe(404);
    expect(await balanceOf(alice)).toBe(100);
  });

  test('keeps to the limits of one transfer and of one day', async () => {
    const [alice, bob] = await pair(10_000);
    await changeSetting('wallet.transferMaxMinor', 600);
    await changeSetting('wallet.transferDayMaxMinor', 1000);
    const send = (amount: number, key: string) =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount }, { key });

    expect((await send(601, '1')).body).toMatchObject({ code: 'limit_exceeded' });
    expect((await send(600, '2')).status).toBe(201);
    const both = await Promise.all([send(300, '3'), send(301, '4')]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);

    await changeSetting('wallet.transferMaxMinor', 500_000);
    await changeSetting('wallet.transferDayMaxMinor', 10_000_000);
  });

  test('asks for the password or a code above the limit, and spends a code only with the money', async () => {
    const [alice, bob] = await pair(1000);
    const { freshCode } = await withAuthenticator(world, alice);
    await changeSetting('wallet.confirmOverMinor', 500);
    const send = (body: object, key: string) =>
      alice.post('/api/wallet/transfer', { to: bob.id, ...body }, { key });

    expect((await send({ amount: 500 }, 'below')).status).toBe(201);
    expect((await send({ amount: 501 }, 'bare')).body['code']).toBe('confirmation_failed');
    const code = freshCode();
    expect((await send({ amount: 501, code }, 'too-much')).status).toBe(402);
    await giveCash(alice.id, 501);
    expect((await send({ amount: 501, code }, 'now')).status).toBe(201);
    expect((await send({ amount: 501, code }, 'spent')).body['code']).toBe('confirmation_failed');
    await giveCash(alice.id, 501);
    expect((await send({ amount: 501, password: alice.password }, 'known')).status).toBe(201);
    const guesses = [];
    for (let at = 0; at < 12; at += 1)
      guesses.push((await send({ amount: 501, password: 'Wrong-1234' }, `guess-${at}`)).status);
    expect(guesses).toContain(429);

    await changeSetting('wallet.confirmOverMinor', 200_000);
  });

  test('holds money for somebody new for as long as is set', async () => {
    const [alice, bob] = await pair(100);
    await changeSetting('wallet.newRecipientMinutes', 30);

    await alice.post('/api/wallet/transfer', { to: bob.id, amount: 40 }, { key: 'first' });
    await changeSetting('wallet.newRecipientMinutes', 0);

    const { body } = await bob.get('/api/wallet/balance');
    expect(body).toMatchObject({ balance: 0, held: 40 });
    const early = await bob.post('/api/wallet/transfer', { to: alice.id, amount: 40 });
    expect(early.status).toBe(402);
    await provenBalanced();
    world.advance(minutes(31));
    expect((await bob.get('/api/wallet/balance')).body).toMatchObject({ balance: 40, held: 0 });
  });
});
