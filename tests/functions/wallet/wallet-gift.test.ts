import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GiftTransactions } from '#domain/gifts/gift-transaction.model.ts';
import { audit } from '#domain/orders/audit.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { Wallets } from '#domain/wallet/wallet.model.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { aContent } from '../../support/contents.ts';
import { giveCoins, holdingsOf } from '../../support/live.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

const provenBalanced = async () => {
  const { differences } = await audit(world.now(), new Date(Date.now() + minutes(3)));
  expect(differences).toEqual([]);
};
const times = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));

async function aFan(coins: number): Promise<Person> {
  const fan = await world.person('fan');
  if (coins > 0) await giveCoins(fan, coins);
  return fan;
}
const giftsOf = (sender: Person) =>
  GiftTransactions.find({ sender: toId<'user'>(sender.id) })
    .sort({ createdAt: 1, _id: 1 })
    .lean();

describe('walletGift', () => {
  test('takes coins of the sender and gives diamonds to the person', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];

    const { status, body } = await fan.post(
      '/api/wallet/gifts',
      { giftId: 'coffee', quantity: 3, userId: star.id },
      { key: 'three-coffees' },
    );

    expect(status).toBe(201);
    expect(body).toMatchObject({
      gift: { code: 'coffee', name: 'Coffee', quantity: 3, coins: 30, diamonds: 15 },
      coins: 70,
    });
    expect(await holdingsOf(fan)).toEqual({ coins: 70, diamonds: 0 });
    expect(await holdingsOf(star)).toEqual({ coins: 0, diamonds: 15 });
    expect(await giftsOf(fan)).toMatchObject([
      { gift: 'coffee', quantity: 3, coins: 30, context: { type: 'user' } },
    ]);
    await provenBalanced();
  });

  test('goes to who made a content, and remembers for which', async () => {
    const [fan, star] = [await aFan(10), await world.person('star')];
    const contentId = await aContent(star);

    const { status } = await fan.post('/api/wallet/gifts', { giftId: 'rose', contentId });

    expect(status).toBe(201);
    expect(await holdingsOf(star)).toEqual({ coins: 0, diamonds: 1 });
    expect(String((await giftsOf(fan))[0]?.context.id)).toBe(contentId);
  });

  test('may earn its receiver nothing', async () => {
    const [fan, star] = [await aFan(3), await world.person('star')];

    const { body } = await fan.post('/api/wallet/gifts', { giftId: 'heart', userId: star.id });

    expect(body['coins']).toBe(2);
    expect(await holdingsOf(star)).toEqual({ coins: 0, diamonds: 0 });
  });

  test('repeats its answer for a repeated key and charges once', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];
    const give = () =>
      fan.post('/api/wallet/gifts', { giftId: 'cake', userId: star.id }, { key: 'one-cake' });

    const answers = await times(5, give);
    const later = await give();

    expect(new Set([...answers, later].map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(later.headers.get('idempotent-replayed')).toBe('true');
    expect(await holdingsOf(fan)).toEqual({ coins: 50, diamonds: 0 });
  });

  test('refuses a key that was used for something else', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];
    const give = (giftId: string) =>
      fan.post('/api/wallet/gifts', { giftId, userId: star.id }, { key: 'mine' });

    await give('rose');

    expect((await give('cake')).status).toBe(422);
  });

  test('says how it names a request without a key, and takes its repeat for the same', async () => {
    const [fan, star] = [await aFan(10), await world.person('star')];
    const give = () => fan.post('/api/wallet/gifts', { giftId: 'rose', userId: star.id });

    const [first] = [await give(), await give()];

    expect(first.headers.get('idempotency-key-derived')).toMatch(/^derived-/);
    expect(await holdingsOf(fan)).toEqual({ coins: 8, diamonds: 0 });
  });

  test('gives nothing to oneself, to nobody, or to somebody who blocked the sender', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];
    await star.put(`/api/users/${fan.id}/relation`, { action: 'block' });
    const give = (userId: string) => fan.post('/api/wallet/gifts', { giftId: 'rose', userId });

    const self = await give(fan.id);
    const nobody = await give('0123456789abcdef01234567');
    const blocked = await give(star.id);
    const unknown = await fan.post('/api/wallet/gifts', { giftId: 'moon', userId: star.id });

    expect([self, nobody, blocked, unknown].map(({ status }) => status)).toEqual([
      400, 404, 404, 404,
    ]);
    expect(await holdingsOf(fan)).toEqual({ coins: 100, diamonds: 0 });
  });

  test('knows no content that the sender does not see', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];
    const open = await aContent(star);
    await star.put('/api/users/me', { isPrivate: true });
    const give = (contentId: string) =>
      fan.post('/api/wallet/gifts', { giftId: 'rose', contentId });

    expect((await give(open)).status).toBe(404);
  });

  test('stops at the quantity and the coins of a day', async () => {
    const [fan, star] = [await aFan(5000), await world.person('star')];
    await changeSetting('gifts.dayMaxCoins', 120);
    const give = (quantity: number, key: string) =>
      fan.post('/api/wallet/gifts', { giftId: 'coffee', quantity, userId: star.id }, { key });

    const tooMany = await give(1000, 'a');
    const [first, second] = [await give(10, 'b'), await give(3, 'c')];
    await changeSetting('gifts.dayMaxCoins', 1_000_000);

    expect([tooMany, first, second].map(({ status }) => status)).toEqual([409, 201, 409]);
    expect(second.body).toMatchObject({
      code: 'limit_exceeded',
      current: { limitCoins: 120, usedCoins: 100 },
    });
  });

  test('takes nothing from a frozen wallet', async () => {
    const [fan, star] = [await aFan(10), await world.person('star')];
    await Wallets.updateOne({ user: toId<'user'>(fan.id) }, { $set: { status: 'frozen' } });

    const { status, body } = await fan.post('/api/wallet/gifts', {
      giftId: 'rose',
      userId: star.id,
    });

    expect([status, body['code']]).toEqual([403, 'account_restricted']);
  });
});

describe('walletGift, many at once', () => {
  test('lets through what there are coins for, and conserves coins and diamonds', async () => {
    const star = await world.person('star');
    const [rich, poor] = [await aFan(1000), await aFan(50)];
    const others = await times(8, () => aFan(10));
    const senders = [...others, rich, poor];

    const answers = await times(50, (index) => {
      const sender = senders[index % 10] as Person;
      const body = { giftId: 'coffee', userId: star.id };
      return sender.post('/api/wallet/gifts', body, { key: `storm-${index}` });
    });

    const given = answers.filter(({ status }) => status === 201);
    // Five each: the eight have coins for one, the other two for all.
    expect(given).toHaveLength(18);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(32);
    expect(await holdingsOf(star)).toEqual({ coins: 0, diamonds: 18 * 5 });
    expect(await holdingsOf(rich)).toEqual({ coins: 950, diamonds: 0 });
    expect(await holdingsOf(poor)).toEqual({ coins: 0, diamonds: 0 });
    await provenBalanced();
  });

  test('lets the balance after each gift of one sender go down one by one', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];

    const answers = await times(10, (index) =>
      fan.post('/api/wallet/gifts', { giftId: 'coffee', userId: star.id }, { key: `s${index}` }),
    );

    const left = answers.map(({ body }) => Number(body['coins'])).sort((a, b) => b - a);
    expect(left).toEqual([90, 80, 70, 60, 50, 40, 30, 20, 10, 0]);
    await provenBalanced();
  });

  test('does not let a repeated key spoil the gifts of others', async () => {
    const [fan, star] = [await aFan(100), await world.person('star')];
    const others = await times(5, () => aFan(10));
    const give = (sender: Person, key: string) =>
      sender.post('/api/wallet/gifts', { giftId: 'coffee', userId: star.id }, { key });
    await give(fan, 'known');

    const answers = await Promise.all([
      ...others.map((sender) => give(sender, 'mine')),
      ...[1, 2, 3].map(() => give(fan, 'known')),
      ...[1, 2, 3].map(() => give(fan, 'fresh')),
    ]);

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(await holdingsOf(fan)).toEqual({ coins: 80, diamonds: 0 });
    expect(await holdingsOf(star)).toEqual({ coins: 0, diamonds: 35 });
  });
});
