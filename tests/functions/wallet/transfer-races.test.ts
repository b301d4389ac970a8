import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { settle } from '#domain/wallet/settle.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf, giveCash, statementOf } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

const PATIENCE_MS = 240_000;
const times = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const provenBalanced = async () => {
  const { differences } = await audit(world.now(), new Date(Date.now() + minutes(4)));
  expect(differences).toEqual([]);
};

async function pair(cash: number): Promise<[Person, Person]> {
  const sender = await world.person('alice');
  const receiver = await world.person('bob');
  await giveCash(sender.id, cash);
  return [sender, receiver];
}

describe('walletTransfer, many at once', () => {
  test(
    'lets exactly 60 of 100 simultaneous transfers through when there is money for 60',
    async () => {
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
    },
    PATIENCE_MS,
  );

  test(
    'pays once when one request is sent ten times at once',
    async () => {
      const [alice, bob] = await pair(500);
      const send = () =>
        alice.post('/api/wallet/transfer', { to: bob.id, amount: 100 }, { key: 'one-tap' });

      const answers = await times(10, send);

      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(await balanceOf(alice)).toBe(400);
    },
    PATIENCE_MS,
  );

  test(
    'takes a hundred senders for one receiver',
    async () => {
      const star = await world.person('star');
      const senders = await times(20, () => world.person('fan'));
      await times(20, (index) => giveCash(senders[index]?.id ?? '', 500));

      const answers = await times(100, (index) => {
        const sender = senders[index % 20] as Person;
        return sender.post(
          '/api/wallet/transfer',
          { to: star.id, amount: 100 },
          { key: `${index}` },
        );
      });

      expect(answers.every(({ status }) => status === 201)).toBe(true);
      expect(await balanceOf(star)).toBe(10_000);
      await settle(toId<'user'>(star.id), world.now());
      const lines = (await statementOf(star)).map(({ balanceAfter }) => Number(balanceAfter));
      expect([...lines].sort((a, b) => b - a)).toEqual(
        lines.map((_, index) => 10_000 - index * 100),
      );
      await provenBalanced();
    },
    PATIENCE_MS,
  );

  test(
    'goes both ways at once',
    async () => {
      const [alice, bob] = await pair(1000);
      await giveCash(bob.id, 1000);

      const answers = await times(40, (index) =>
        index % 2
          ? alice.post('/api/wallet/transfer', { to: bob.id, amount: 10 }, { key: `a${index}` })
          : bob.post('/api/wallet/transfer', { to: alice.id, amount: 10 }, { key: `b${index}` }),
      );

      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
      expect([await balanceOf(alice), await balanceOf(bob)]).toEqual([1000, 1000]);
    },
    PATIENCE_MS,
  );
});
