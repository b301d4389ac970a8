import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { minutes } from '#platform/clock.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf, giveCash, statementOf } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const times = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
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

  test('lets exactly 60 of 100 simultaneous transfers through when there is money for 60', async () => {
    const [alice, bob] = await pair(6000);
    const send = (index: number) =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount: 100 }, { key: `g11-${index}` });

    const first = await times(100, send);
    const again = await times(100, send);

    const statuses = first.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(60);
    expect(statuses.filter((status) => status === 402)).toHaveLength(40);
    first.forEach(({ status, body }, index) => {
      expect(again[index]?.status).toBe(status);
      if (status === 201) expect(JSON.stringify(again[index]?.body)).toBe(JSON.stringify(body));
    });
    expect(await balanceOf(alice)).toBe(0);
    expect(await balanceOf(bob)).toBe(6000);
    await provenBalanced();
  });

  test('pays once when one request is sent ten times at once', async () => {
    const [alice, bob] = await pair(500);
    const send = () =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount: 100 }, { key: 'one-tap' });

    const answers = await times(10, send);

    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await balanceOf(alice)).toBe(400);
  });

  test('refuses the same key with something else in it', async () => {
    const [alice, bob] = await pair(500);
    const send = (amount: number) =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount }, { key: 'reused' });

    expect((await send(100)).status).toBe(201);
    expect((await send(200)).status).toBe(422);
    expect(await balanceOf(alice)).toBe(400);
  });

  test('takes a hundred senders for one receiver', async () => {
    const star = await world.person('star');
    const senders = await times(20, () => world.person('fan'));
    await times(20, (index) => giveCash(senders[index]?.id ?? '', 500));

    const answers = await times(100, (index) => {
      const sender = senders[index % 20] as Person;
      return sender.post('/api/wallet/transfer', { to: star.id, amount: 100 }, { key: `${index}` });
    });

    expect(answers.every(({ status }) => status === 201)).toBe(true);
    expect(await balanceOf(star)).toBe(10_000);
    await world.settle();
    const lines = (await statementOf(star)).map(({ balanceAfter }) => Number(balanceAfter));
    expect([...lines].sort((a, b) => b - a)).toEqual(lines.map((_, index) => 10_000 - index * 100));
    await provenBalanced();
  });

  test('goes both ways at once', async () => {
    const [alice, bob] = await pair(1000);
    await giveCash(bob.id, 1000);

    const answers = await times(40, (index) =>
      index % 2
        ? alice.post('/api/wallet/transfer', { to: bob.id, amount: 10 }, { key: `a${index}` })
        : bob.post('/api/wallet/transfer', { to: alice.id, amount: 10 }, { key: `b${index}` }),
    );

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect([await balanceOf(alice), await balanceOf(bob)]).toEqual([1000, 1000]);
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
    expect((await bob.post(`/api/users/${alice.id}/block`)).status).toBe(200);
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
