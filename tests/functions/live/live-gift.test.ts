import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LiveGifts } from '#domain/live/live-gift.model.ts';
import { LiveParticipants } from '#domain/live/live-participant.model.ts';
import { LiveStreams } from '#domain/live/live-stream.model.ts';
import { audit } from '#domain/orders/audit.ts';
import { minutes, seconds } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { giveCoins, goLive, holdingsOf } from '../../support/live.ts';
import type { Person } from '../../support/people.ts';
import { deliver } from '../../support/redelivery.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const times = <Result>(count: number, work: (index: number) => Promise<Result>) =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)));
const provenBalanced = async () => {
  const { differences } = await audit(world.now(), new Date(Date.now() + minutes(3)));
  expect(differences).toEqual([]);
};
async function aFan(coins = 1000): Promise<Person> {
  const fan = await world.person('fan');
  await giveCoins(fan, coins);
  return fan;
}
const give = (fan: Person, id: string, body: object, key?: string) =>
  fan.post(`/api/live/${id}/gift`, body, key === undefined ? {} : { key });
const shownIn = async (id: string, name: string) =>
  (await world.realtime(`live:${id}`)).filter((message) => message.name === name);

describe('liveGift', () => {
  test('moves coins to diamonds, shows the gift and tells its receiver', async () => {
    const [host, fan] = [await world.person('host'), await aFan(100)];
    const id = await goLive(host);

    const { status, body } = await give(fan, id, { giftId: 'coffee', quantity: 2 }, 'two');
    await world.settle();

    expect(status).toBe(200);
    expect(body).toMatchObject({ gift: { code: 'coffee', quantity: 2, coins: 20 }, coins: 80 });
    expect([await holdingsOf(fan), await holdingsOf(host)]).toEqual([
      { coins: 80, diamonds: 0 },
      { coins: 0, diamonds: 10 },
    ]);
    expect(await shownIn(id, 'live:gift')).toMatchObject([
      { data: { gift: 'coffee', quantity: 2, combo: 2, sender: fan.id } },
    ]);
    expect((await shownIn(id, 'live:leaderboard')).at(-1)).toMatchObject({
      data: { leaders: [{ user: fan.id, coins: 20 }] },
    });
    const { body: inbox } = await host.get('/api/notifications');
    expect(JSON.stringify(inbox)).toContain('gift_received');
    for (const person of [fan, host])
      expect(await world.realtime(`user:${person.id}`)).toContainEqual(
        expect.objectContaining({ name: 'wallet:update' }),
      );
    await provenBalanced();
  });

  test('counts a combo while gifts of one kind follow each other, and begins anew after a pause', async () => {
    const [host, fan] = [await world.person('host'), await aFan()];
    const id = await goLive(host);
    const giveAfter = async (pause: number, giftId: string, quantity: number) => {
      world.advance(seconds(pause));
      await give(fan, id, { giftId, quantity }, `${world.now().getTime()}`);
    };

    await giveAfter(0, 'rose', 1);
    await giveAfter(3, 'rose', 4);
    await giveAfter(3, 'rose', 1);
    await giveAfter(3, 'cake', 1);
    await giveAfter(20, 'cake', 1);
    await world.settle();

    const rows = await LiveGifts.find({ stream: toId(id) })
      .sort({ giftTransaction: 1 })
      .lean();
    expect(rows.map(({ gift, combo }) => `${gift} ${combo}`)).toEqual([
      ...['rose 1', 'rose 5', 'rose 6'],
      ...['cake 1', 'cake 1'],
    ]);
  });

  test('has one item in the inbox for all gifts of a stream, and one row for each gift', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const fans = await times(3, () => aFan());
    await Promise.all(fans.map((fan) => give(fan, id, { giftId: 'rose' })));
    await world.settle();
    const events = await OutboxEvents.find({
      type: 'gift.sent',
      'payload.data.contextId': id,
    }).lean();

    for (const { payload } of events) await deliver(world, payload);
    await world.settle();

    const { body } = await host.get('/api/notifications');
    const items = body['notifications'] as unknown as { type: string; actorCount: number }[];
    expect(items.filter(({ type }) => type === 'gift_received')).toMatchObject([{ actorCount: 3 }]);
    expect(await LiveGifts.countDocuments({ stream: toId(id) })).toBe(3);
    const { body: shown } = await host.get(`/api/live/${id}`);
    expect(shown['leaderboard']).toHaveLength(3);
  });

  test('is possible only while the stream is live', async () => {
    const [host, fan] = [await world.person('host'), await aFan()];
    const started = await host.post('/api/live/start', { title: 'Soon' });
    const id = String(started.body['stream']?.['id']);
    const early = await give(fan, id, { giftId: 'rose' }, 'early');
    await host.post(`/api/live/${id}/heartbeat`, {});
    world.advance(seconds(50));
    await world.runJob('endStaleLives');

    const paused = await give(fan, id, { giftId: 'rose' }, 'paused');
    await host.post(`/api/live/${id}/heartbeat`, {});
    const resumed = await give(fan, id, { giftId: 'rose' }, 'resumed');
    await host.post(`/api/live/${id}/end`, {});
    const late = await give(fan, id, { giftId: 'rose' }, 'late');

    expect(
      [early, paused, resumed, late].map(({ status, body }) => [status, body['current']]),
    ).toEqual([
      [409, 'starting'],
      [409, 'interrupted'],
      [200, undefined],
      [409, 'ended'],
    ]);
    expect(await holdingsOf(fan)).toEqual({ coins: 998, diamonds: 0 });
  });

  test('is not for oneself, for the blocked, for the removed, or for too few coins', async () => {
    const [host, fan, poor, gone] = [
      await world.person('host'),
      await aFan(),
      await aFan(5),
      await aFan(),
    ];
    const id = await goLive(host);
    await host.put(`/api/users/${fan.id}/relation`, { action: 'block' });
    const who = { stream: toId<'live'>(id), user: toId<'user'>(gone.id) };
    await gone.post(`/api/live/${id}/join`);
    await LiveParticipants.updateOne(who, { $set: { kicked: true } });

    const answers = await Promise.all([
      give(host, id, { giftId: 'rose' }),
      give(fan, id, { giftId: 'rose' }),
      give(gone, id, { giftId: 'rose' }),
      give(poor, id, { giftId: 'coffee' }),
      give(poor, '0123456789abcdef01234567', { giftId: 'rose' }),
    ]);

    expect(answers.map(({ status }) => status)).toEqual([400, 404, 403, 402, 404]);
  });

  test('lets followers give where only they may watch', async () => {
    const [host, stranger] = [await world.person('host'), await aFan()];
    const id = await goLive(host, { followersOnly: true });

    const hidden = await give(stranger, id, { giftId: 'rose' }, 'a');
    await stranger.post(`/api/users/${host.id}/follow`);
    const seen = await give(stranger, id, { giftId: 'rose' }, 'b');

    expect([hidden.status, seen.status]).toEqual([404, 200]);
  });

  test('takes gifts of many at once and conserves every coin', { timeout: 240_000 }, async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const fans = await times(10, () => aFan(50));

    const answers = await times(50, (index) =>
      give(fans[index % 10] as Person, id, { giftId: 'coffee' }, `storm-${index}`),
    );
    const again = await times(10, (index) =>
      give(fans[index] as Person, id, { giftId: 'coffee' }, `storm-${index}`),
    );
    await world.settle();

    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(again.map(({ headers }) => headers.get('idempotent-replayed'))).toEqual(
      again.map(() => 'true'),
    );
    expect(await holdingsOf(host)).toEqual({ coins: 0, diamonds: 250 });
    const left = await Promise.all(fans.map((fan) => holdingsOf(fan)));
    expect(left).toEqual(fans.map(() => ({ coins: 0, diamonds: 0 })));
    const ended = await host.post(`/api/live/${id}/end`, {});
    expect(ended.body['summary']).toMatchObject({ gifts: 50, coins: 500, diamonds: 250 });
    await provenBalanced();
  });

  test('counts a gift in the summary that was paid for while the stream ended', async () => {
    const [host, fan] = [await world.person('host'), await aFan()];
    const id = await goLive(host);
    await give(fan, id, { giftId: 'cake' });
    await world.settle();
    await host.post(`/api/live/${id}/end`, {});
    await LiveStreams.updateOne({ _id: toId(id) }, { $set: { 'stats.coins': 0 } });
    const event = await OutboxEvents.findOne({ 'payload.data.contextId': id }).lean();

    await deliver(world, event?.payload as never);

    expect((await LiveStreams.findOne({ _id: toId(id) }).lean())?.stats.coins).toBe(50);
  });
});
