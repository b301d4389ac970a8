import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LiveParticipants } from '#domain/live/live-participant.model.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { goLive, providerSays } from '../../support/live.ts';
import { readToken, rights } from '../../support/live-tokens.ts';
import { follows, type Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const join = (person: Person, id: string) => person.post(`/api/live/${id}/join`);
const rowOf = (id: string, person: Person) =>
  LiveParticipants.findOne({ stream: toId<'live'>(id), user: toId<'user'>(person.id) }).lean();
const viewersOf = async (id: string) => {
  const { body } = await world.get(`/api/live/${id}`);
  return Number(body['stream']?.['viewers']);
};

describe('liveJoin', () => {
  test('lets somebody watch and not send, and tells how many watch', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);

    const { status, body } = await join(fan, id);

    expect(status).toBe(200);
    const { channel, uid, privileges } = readToken(String(body['token']));
    expect([channel, uid, privileges]).toEqual([body['channel'], Number(body['uid']), [1]]);
    expect(rights(body['realtime']?.['token'])).toHaveProperty([`live:${id}`]);
    await world.settle();
    expect(await world.realtime(`live:${id}`)).toContainEqual(
      expect.objectContaining({ data: { kind: 'viewers', streamId: id, viewers: 1 } }),
    );
    expect(await viewersOf(id)).toBe(1);
  });

  test('renews with the same number, and counts nobody twice', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);

    const first = await join(fan, id);
    world.advance(minutes(1));
    await host.post(`/api/live/${id}/heartbeat`, {});
    const [again, twice] = await Promise.all([join(fan, id), join(fan, id)]);
    await world.settle();

    expect(new Set([first, again, twice].map(({ body }) => String(body['uid']))).size).toBe(1);
    expect(await viewersOf(id)).toBe(1);
    expect((await rowOf(id, fan))?.watchMs).toBeGreaterThanOrEqual(minutes(1));
  });

  test('gives different people different numbers, however many come at once', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const fans = await Promise.all([1, 2, 3, 4, 5, 6].map(() => world.person('fan')));

    const answers = await Promise.all(fans.map((fan) => join(fan, id)));

    expect(new Set(answers.map(({ body }) => String(body['uid']))).size).toBe(6);
  });

  test('lets the broadcaster renew the token to send', async () => {
    const host = await world.person('host');
    const id = await goLive(host);

    const { body } = await join(host, id);

    expect(readToken(String(body['token'])).privileges).toEqual([1, 2, 3, 4]);
    expect(await viewersOf(id)).toBe(0);
  });

  test('refuses whoever was removed, also a new token', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);
    await join(fan, id);
    const who = { stream: toId<'live'>(id), user: toId<'user'>(fan.id) };
    await LiveParticipants.updateOne(who, { $set: { kicked: true } });

    const { status, body } = await join(fan, id);

    expect([status, body['code']]).toEqual([403, 'removed_from_live']);
  });

  test('shows streams of private accounts, and for followers, to followers only', async () => {
    const [host, fan, stranger] = await Promise.all(
      ['host', 'fan', 'stranger'].map((name) => world.person(name)),
    );
    await follows(fan as Person, host as Person);
    const id = await goLive(host as Person, { followersOnly: true });

    const seen = await join(fan as Person, id);
    const hidden = await join(stranger as Person, id);

    expect([seen.status, hidden.status]).toEqual([200, 404]);
    expect((await world.get(`/api/live/${id}`)).status).toBe(404);
  });

  test('lets nobody in before it is on air or after it has ended', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const started = await host.post('/api/live/start', { title: 'Soon' });
    const id = String(started.body['stream']?.['id']);

    const early = await join(fan, id);
    await host.post(`/api/live/${id}/end`, {});
    const late = await join(fan, id);

    expect([early, late].map(({ status, body }) => [status, body['current']])).toEqual([
      [409, 'starting'],
      [409, 'ended'],
    ]);
  });
});

describe('liveWebhook', () => {
  const seconds = () => Math.floor(world.now().getTime() / 1000);

  test('puts a stream on air when the provider sees its broadcaster', async () => {
    const host = await world.person('host');
    const { body } = await host.post('/api/live/start', { title: 'Seen' });
    const id = String(body['stream']?.['id']);
    const payload = { channelName: body['channel'], uid: Number(body['uid']), ts: seconds() };

    const { status } = await providerSays(world, 103, payload);
    await world.settle();

    expect(status).toBe(200);
    expect((await world.get(`/api/live/${id}`)).body['stream']?.['status']).toBe('live');
  });

  test('interrupts when the broadcaster goes, and resumes when they come back', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const { body } = await join(host, id);
    const say = async (event: number) => {
      world.advance(2000);
      const payload = { channelName: body['channel'], uid: Number(body['uid']), ts: seconds() };
      await providerSays(world, event, payload);
      await world.settle();
      return (await world.get(`/api/live/${id}`)).body['stream']?.['status'];
    };

    const statuses = [await say(104), await say(103)];

    expect(statuses).toEqual(['interrupted', 'live']);
    const kinds = (await world.realtime(`live:${id}`)).map(({ data }) => data['kind']);
    expect(kinds).toEqual(expect.arrayContaining(['started', 'interrupted', 'resumed']));
  });

  test('writes down who leaves and who comes back', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);
    const { body } = await join(fan, id);
    const say = async (event: number) => {
      world.advance(3000);
      const payload = { channelName: body['channel'], uid: Number(body['uid']), ts: seconds() };
      await providerSays(world, event, payload);
      await world.settle();
      return viewersOf(id);
    };

    const viewers = [await say(106), await say(105)];

    expect(viewers).toEqual([0, 1]);
    expect((await rowOf(id, fan))?.watchMs).toBeGreaterThan(0);
  });

  test('takes a notice once, and one from before for what it is', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);
    const { body } = await join(fan, id);
    const of = { channelName: body['channel'], uid: Number(body['uid']) };

    await providerSays(world, 106, { ...of, ts: seconds() - 60 }, 'left-long-ago');
    await providerSays(world, 106, { ...of, ts: seconds() - 60 }, 'left-long-ago');
    await world.settle();

    expect(await viewersOf(id)).toBe(1);
  });

  test('receives what is of no use, and nothing that is not signed', async () => {
    const known = await providerSays(world, 101, { channelName: 'somebody-elses' });
    const unknown = await providerSays(world, 999, { channelName: 'x' });
    const gone = await providerSays(world, 103, {
      channelName: 'live_0123456789abcdef01234567',
      uid: 5,
      ts: seconds(),
    });
    const forged = await world.post('/api/live/webhooks/agora', { noticeId: 'x' });

    expect([known, unknown, gone].map(({ status }) => status)).toEqual([200, 200, 200]);
    expect([forged.status, forged.body['code']]).toEqual([400, 'invalid_signature']);
  });
});
