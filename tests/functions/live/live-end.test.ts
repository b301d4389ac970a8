import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminActions } from '#domain/admin/admin-action.model.ts';
import { grantStaff } from '#domain/admin/staff.ts';
import { LiveParticipants } from '#domain/live/live-participant.model.ts';
import { LiveStreams } from '#domain/live/live-stream.model.ts';
import { hours, minutes, seconds } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { giveCoins, goLive } from '../../support/live.ts';
import { follows, type Person, signInAgain } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const end = (person: Person, id: string, body: object = {}) =>
  person.post(`/api/live/${id}/end`, body);
const beat = (host: Person, id: string) => host.post(`/api/live/${id}/heartbeat`, {});
const statusOf = async (id: string) =>
  (await LiveStreams.findOne({ _id: toId(id) }).lean())?.status;
const after = async (milliseconds: number) => {
  world.advance(milliseconds);
  await world.runJob('endStaleLives');
};

describe('liveEnd', () => {
  test('ends with a summary that equals gifts and attendance', async () => {
    const host = await world.person('host');
    const [ann, ben, cem] = await Promise.all(['ann', 'ben', 'cem'].map((n) => world.person(n)));
    const viewers = [ann, ben, cem] as Person[];
    const id = await goLive(host);
    for (const viewer of viewers) await viewer.post(`/api/live/${id}/join`);
    await giveCoins(viewers[0] as Person, 100);
    await viewers[0]?.post(`/api/live/${id}/gift`, { giftId: 'coffee', quantity: 4 });
    world.advance(seconds(30));
    await beat(host, id);
    await world.settle();

    const { status, body } = await end(host, id);
    await world.settle();

    expect(status).toBe(200);
    expect(body['stream']).toMatchObject({ id, status: 'ended' });
    const summary = {
      ...{ viewers: 3, peak: 3, unique: 3, gifts: 4, coins: 40, diamonds: 20 },
      durationSeconds: expect.any(Number),
    };
    expect(body['summary']).toEqual(summary);
    expect(Number(body['summary']?.['durationSeconds'])).toBeGreaterThanOrEqual(30);
    const { body: later } = await host.get(`/api/live/${id}`);
    expect(later['summary']).toEqual(body['summary']);
    const rows = await LiveParticipants.find({ stream: toId(id), role: 'audience' }).lean();
    for (const { watchMs, leftAt } of rows) {
      expect(watchMs).toBeGreaterThanOrEqual(seconds(30));
      expect(leftAt).toBeInstanceOf(Date);
    }
    expect((await world.realtime(`live:${id}`)).at(-1)?.data).toMatchObject({ kind: 'ended' });
  });

  test('shows the summary to the broadcaster only, and ends once', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);

    const stranger = await end(fan, id);
    const reasoned = await end(fan, id, { reason: 'I do not like it' });
    const [first, second] = [await end(host, id), await end(host, id)];
    const seen = await fan.get(`/api/live/${id}`);

    expect([stranger, reasoned, first, second].map(({ status }) => status)).toEqual([
      404, 404, 200, 409,
    ]);
    expect(second.body['current']).toBe('ended');
    expect(seen.body['summary']).toBeNull();
  });

  test('calls off what was announced', async () => {
    const host = await world.person('host');
    const scheduledFor = new Date(world.now().getTime() + hours(5)).toISOString();
    const planned = await host.post('/api/live/start', { title: 'Later', scheduledFor });
    const id = String(planned.body['stream']?.['id']);

    const { body } = await end(host, id);

    expect(body).toMatchObject({ stream: { status: 'ended' }, summary: { durationSeconds: 0 } });
  });

  test('lets staff stop a stream, for a reason that is kept', async () => {
    const [host, moderator] = [await world.person('host'), await world.person('staff')];
    await grantStaff(toId(moderator.id), ['live.stop']);
    await signInAgain(world, moderator);
    const id = await goLive(host);

    const silent = await end(moderator, id);
    const { status, body } = await end(moderator, id, { reason: 'Sells what is not theirs' });
    await world.settle();

    expect([silent.status, status]).toEqual([404, 200]);
    expect(body['stream']).toMatchObject({ status: 'terminated' });
    expect(await AdminActions.findOne({ 'target.id': toId(id) }).lean()).toMatchObject({
      action: 'live.stop',
      reason: 'Sells what is not theirs',
    });
    expect((await beat(host, id)).status).toBe(409);
    expect(JSON.stringify((await host.get('/api/notifications')).body)).toContain('account_notice');
    const told = (await world.realtime(`live:${id}`)).map(({ data }) => data);
    const newest = told.toSorted((a, b) => Number(b['version']) - Number(a['version']))[0];
    expect(newest).toMatchObject({ kind: 'terminated' });
  });
});

describe('liveHeartbeat', () => {
  test('is for the broadcaster, and no longer when it is over', async () => {
    const [host, fan] = [await world.person('host'), await world.person('fan')];
    const id = await goLive(host);

    const stranger = await beat(fan, id);
    const { body } = await beat(host, id);
    await end(host, id);

    expect(stranger.status).toBe(404);
    expect(body).toEqual({ status: 'live', viewers: 0 });
    expect((await beat(host, id)).status).toBe(409);
  });
});

describe('endStaleLives', () => {
  test('interrupts after 45 seconds of silence, and a sign of life resumes', async () => {
    const host = await world.person('host');
    const id = await goLive(host);

    await after(seconds(30));
    const before = await statusOf(id);
    await after(seconds(20));
    const interrupted = await statusOf(id);
    await world.settle(); // Viewers are not told of what is over by the time they would hear of it.
    await beat(host, id);

    expect([before, interrupted, await statusOf(id)]).toEqual(['live', 'interrupted', 'live']);
    await world.settle();
    const kinds = (await world.realtime(`live:${id}`)).map(({ data }) => data['kind']);
    expect(kinds.slice(-2)).toEqual(['interrupted', 'resumed']);
  });

  test('ends after three minutes of silence, and then nothing resumes', async () => {
    const host = await world.person('host');
    const id = await goLive(host);

    await after(seconds(50));
    await after(minutes(3));

    expect(await statusOf(id)).toBe('ended');
    expect((await beat(host, id)).status).toBe(409);
  });

  test('does not resume what was silent for too long, whether the job came or not', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    await after(seconds(50));
    world.advance(minutes(4));

    const { status, body } = await beat(host, id);

    expect([status, body['current']]).toEqual([409, 'interrupted']);
  });

  test('ends what never began', async () => {
    const host = await world.person('host');
    const { body } = await host.post('/api/live/start', { title: 'Never' });
    const id = String(body['stream']?.['id']);

    await after(minutes(4));

    expect(await statusOf(id)).toBe('ended');
    expect((await host.post('/api/live/start', { title: 'Now' })).status).toBe(201);
  });

  test('ends what was announced and forgotten, two hours after', async () => {
    const host = await world.person('host');
    const scheduledFor = new Date(world.now().getTime() + minutes(10)).toISOString();
    const planned = await host.post('/api/live/start', { title: 'Later', scheduledFor });
    const id = String(planned.body['stream']?.['id']);

    await after(hours(2));
    const waiting = await statusOf(id);
    await after(minutes(11));

    expect([waiting, await statusOf(id)]).toEqual(['scheduled', 'ended']);
  });

  test('lets nobody broadcast for more than twelve hours', async () => {
    const host = await world.person('host');
    const id = await goLive(host);
    const startedAt = new Date(world.now().getTime() - hours(12) - 1000);
    await LiveStreams.updateOne({ _id: toId(id) }, { $set: { startedAt } });

    await after(0);

    expect(await statusOf(id)).toBe('ended');
  });
});

describe('liveList', () => {
  const idsIn = async (person: Person | World, list: string) => {
    const { body } = await person.get(`/api/live?list=${list}&limit=100`);
    return (body['streams'] as unknown as { id: string }[]).map(({ id }) => id);
  };

  test('shows the most watched first, to those who may watch', async () => {
    const [small, big, blocked] = [
      await world.person('small'),
      await world.person('big'),
      await world.person('blocked'),
    ];
    const [few, many] = [await goLive(small), await goLive(big)];
    await LiveStreams.updateOne({ _id: toId(many) }, { $set: { 'stats.viewers': 50 } });
    await big.put(`/api/users/${blocked.id}/relation`, { action: 'block' });

    const [all, some] = [await idsIn(world, 'live'), await idsIn(blocked, 'live')];

    expect(all.indexOf(many)).toBeLessThan(all.indexOf(few));
    expect(some).toContain(few);
    expect(some).not.toContain(many);
  });

  test('shows what is live of those one follows', async () => {
    const [host, other, fan] = [
      await world.person('host'),
      await world.person('other'),
      await world.person('fan'),
    ];
    await follows(fan, host);
    const [mine] = [await goLive(host), await goLive(other)];

    expect(await idsIn(fan, 'followed')).toEqual([mine]);
    expect(await idsIn(world, 'followed')).toEqual([]);
  });

  test('pages without showing anything twice', async () => {
    const hosts = await Promise.all([1, 2, 3].map(() => world.person('host')));
    for (const host of hosts) await goLive(host);
    const all = await idsIn(world, 'live');

    const first = await world.get('/api/live?limit=2');
    const second = await world.get(`/api/live?limit=100&cursor=${first.body['nextCursor']}`);

    const ids = [first, second].flatMap(({ body }) =>
      (body['streams'] as unknown as { id: string }[]).map(({ id }) => id),
    );
    expect([...ids].sort()).toEqual([...all].sort());
  });
});
