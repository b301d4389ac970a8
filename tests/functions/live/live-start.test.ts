import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LiveStreams } from '#domain/live/live-stream.model.ts';
import { Users } from '#domain/users/user.model.ts';
import { days, hours } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { goLive } from '../../support/live.ts';
import { readToken, rights } from '../../support/live-tokens.ts';
import { follows } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const inDays = (count: number) => new Date(world.now().getTime() + days(count)).toISOString();

describe('liveStart', () => {
  test('gives a broadcaster a stream and a token to send, for an hour', async () => {
    const host = await world.person('host');

    const { status, body } = await host.post('/api/live/start', { title: ' Bread ' });

    expect(status).toBe(201);
    expect(body['stream']).toMatchObject({
      ...{ status: 'starting', title: 'Bread', viewers: 0, showcase: [] },
      host: { id: host.id },
    });
    const { channel, uid, genuine, privileges } = readToken(String(body['token']));
    expect(genuine).toBe(true);
    expect([channel, uid]).toEqual([body['channel'], Number(body['uid'])]);
    expect(privileges).toEqual([1, 2, 3, 4]);
    const lasts = Date.parse(String(body['expiresAt'])) - world.now().getTime();
    expect(Math.abs(lasts - hours(1))).toBeLessThan(10_000);
    const id = String(body['stream']?.['id']);
    expect(rights(body['realtime']?.['token'])).toMatchObject({
      [`live:${id}`]: ['subscribe', 'presence'],
      [`live:${id}:hearts`]: ['subscribe', 'publish'],
      [`user:${host.id}`]: ['subscribe'],
    });
  });

  test('goes on air with the first heartbeat, and tells followers once', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    await follows(fan, host);
    const id = await goLive(host);

    await host.post(`/api/live/${id}/heartbeat`, { quality: { bitrateKbps: 2500 } });
    await world.settle();

    const { body } = await fan.get('/api/notifications');
    const told = JSON.stringify(body).match(/live_started/g);
    expect(told).toHaveLength(1);
    expect(await world.realtime(`live:${id}`)).toContainEqual(
      expect.objectContaining({
        name: 'live:update',
        data: expect.objectContaining({ kind: 'started' }),
      }),
    );
    const stream = await LiveStreams.findOne({ _id: toId(id) }).lean();
    expect(stream).toMatchObject({ status: 'live', quality: { bitrateKbps: 2500 } });
  });

  test('repeats the answer of a key, token and all', async () => {
    const host = await world.person('host');
    const start = () => host.post('/api/live/start', { title: 'Once' }, { key: 'go' });

    const answers = await Promise.all([start(), start(), start()]);

    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  test('lets nobody have two streams at once', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const start = (key: string) => host.post('/api/live/start', { title: 'Two' }, { key });

    const answers = await Promise.all([start('a'), start('b')]);

    for (const { status, body } of answers) {
      expect(status).toBe(409);
      expect(body).toMatchObject({ code: 'conflict', current: { streamId: id, status: 'live' } });
    }
  });

  test('opens one of two that begin at the same moment', async () => {
    const host = await world.person('host');
    const start = (key: string) => host.post('/api/live/start', { title: 'Race' }, { key });

    const answers = await Promise.all([start('a'), start('b'), start('c')]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test('announces a stream for later, and begins it then', async () => {
    const host = await world.person('host');
    const planned = await host.post('/api/live/start', { title: 'Later', scheduledFor: inDays(2) });
    const id = String(planned.body['stream']?.['id']);

    const list = await world.get('/api/live?list=scheduled');
    const begun = await host.post('/api/live/start', { streamId: id });

    expect(planned.body).toMatchObject({
      stream: { status: 'scheduled' },
      token: null,
      expiresAt: null,
    });
    expect(JSON.stringify(list.body)).toContain(id);
    expect(begun.status).toBe(201);
    expect(begun.body).toMatchObject({ stream: { id, status: 'starting' } });
    expect(begun.body['uid']).toBe(planned.body['uid']);
  });

  test('keeps a calendar of at most five, in the next sixty days', async () => {
    const host = await world.person('host');
    const plan = (scheduledFor: string, key: string) =>
      host.post('/api/live/start', { title: 'Later', scheduledFor }, { key });
    const planned = [];
    for (const day of [1, 2, 3, 4, 5, 6]) planned.push(await plan(inDays(day), `day-${day}`));

    const [past, far] = [await plan(inDays(-1), 'past'), await plan(inDays(61), 'far')];

    expect(planned.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201, 409]);
    expect(planned[5]?.body['code']).toBe('too_many_scheduled');
    expect([past.status, far.status]).toEqual([400, 400]);
  });

  test('is for those who are old enough and not kept from it', async () => {
    const [young, kept] = [await world.person('young'), await world.person('kept')];
    await Users.updateOne({ _id: toId(young.id) }, { $set: { birthDate: new Date('2015-01-01') } });
    const restrictions = [{ action: 'live', until: new Date(Date.now() + days(1)) }];
    await Users.updateOne({ _id: toId(kept.id) }, { $set: { restrictions } } as never);

    const answers = await Promise.all(
      [young, kept].map((one) => one.post('/api/live/start', { title: 'No' })),
    );

    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [403, 'under_age'],
      [403, 'account_restricted'],
    ]);
  });

  test('begins nobody else’s stream', async () => {
    const [host, other] = [await world.person('host'), await world.person('other')];
    const planned = await host.post('/api/live/start', { title: 'Mine', scheduledFor: inDays(1) });

    const stolen = await other.post('/api/live/start', {
      streamId: planned.body['stream']?.['id'],
    });

    expect(stolen.status).toBe(404);
  });
});
