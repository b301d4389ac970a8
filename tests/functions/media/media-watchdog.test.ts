import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimAsset, renewLease } from '#domain/media/asset-state.ts';
import { hours, minutes, seconds } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { type Person, signInAgain } from '../../support/people.ts';
import {
  announce,
  eventsAbout,
  finalize,
  makeBuckets,
  objectsIn,
  send,
  statusOf,
} from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
  await makeBuckets();
}, 240_000);
afterAll(() => world?.stop());

const BYTES = Buffer.alloc(1000, 'x');

async function uploaded(owner: Person): Promise<string> {
  const announced = await announce(owner, { bytes: BYTES.length });
  await send(announced, BYTES);
  await owner.post(`/api/media/uploads/${announced.id}/complete`);
  return announced.id;
}

describe('mediaWatchdog', { timeout: 120_000 }, () => {
  test('ends an upload that was not finished within a day, and tells its owner', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: BYTES.length });
    world.advance(hours(25));

    await world.runJob('mediaWatchdog');
    await signInAgain(world, alice);

    expect(await statusOf(alice, announced.id)).toMatchObject({
      status: 'expired',
      failureCode: 'upload_expired',
      upload: null,
    });
    expect(await eventsAbout(announced.id)).toEqual(['media.failed']);
    expect(await eventsAbout(alice.id)).toContain('notify.requested');
  });

  test('deletes bytes that come after the end', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: BYTES.length });
    world.advance(hours(25));
    await world.runJob('mediaWatchdog');
    const name = `videos/${alice.id}/${announced.id}`;

    await send(announced, BYTES);
    await finalize(world, 'onUploadFinalized', {
      bucket: String(process.env['UPLOADS_BUCKET']),
      name,
    });

    expect(await objectsIn('UPLOADS_BUCKET', name)).toEqual([]);
  });

  test('takes what arrived although nobody was told of it', async () => {
    const alice = await world.person('alice');
    const announced = await announce(alice, { bytes: BYTES.length });
    await send(announced, BYTES);
    world.advance(hours(25));

    await world.runJob('mediaWatchdog');
    await signInAgain(world, alice);

    expect(await statusOf(alice, announced.id)).toMatchObject({ status: 'uploaded' });
  });

  test('asks again for work that nobody has begun', async () => {
    const alice = await world.person('alice');
    const id = await uploaded(alice);
    await world.runJob('mediaWatchdog');
    expect(await eventsAbout(id)).toEqual(['media.uploaded']);
    world.advance(minutes(11));

    await world.runJob('mediaWatchdog');

    expect(await eventsAbout(id)).toEqual(['media.uploaded', 'media.uploaded']);
  });

  test('gives the work of one who died to the next, and gives up after the third', async () => {
    const alice = await world.person('alice');
    const id = await uploaded(alice);
    const claimAndDie = async () => {
      await claimAsset(toId(id), world.now());
      world.advance(minutes(3));
      await world.runJob('mediaWatchdog');
      return (await statusOf(alice, id))['status'];
    };

    const seen = [await claimAndDie(), await claimAndDie(), await claimAndDie()];

    expect(seen).toEqual(['uploaded', 'uploaded', 'failed']);
    expect(await statusOf(alice, id)).toMatchObject({ failureCode: 'timeout', retryable: true });
  });

  test('leaves alone who says that the work goes on', async () => {
    const alice = await world.person('alice');
    const id = await uploaded(alice);
    const held = String((await claimAsset(toId(id), world.now()))?.lease?.token);
    world.advance(seconds(50));

    const renewed = await renewLease(toId(id), held, 40, world.now());
    const stolen = await renewLease(toId(id), 'of somebody else', 90, world.now());
    world.advance(seconds(50));
    await world.runJob('mediaWatchdog');

    expect([renewed, stolen]).toEqual([true, false]);
    expect(await statusOf(alice, id)).toMatchObject({ status: 'validating', progress: 40 });
  });

  test('lets a failed asset be tried again for a day, and then deletes its bytes', async () => {
    const alice = await world.person('alice');
    const id = await uploaded(alice);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await claimAsset(toId(id), world.now());
      world.advance(minutes(3));
      await world.runJob('mediaWatchdog');
    }
    world.advance(hours(25));
    await world.runJob('mediaWatchdog');
    await signInAgain(world, alice);

    const again = await alice.post(`/api/media/uploads/${id}/complete`);

    expect(again).toMatchObject({ status: 409, body: { code: 'media_unusable' } });
    expect(await statusOf(alice, id)).toMatchObject({ status: 'failed', retryable: false });
    expect(await objectsIn('UPLOADS_BUCKET', `videos/${alice.id}/${id}`)).toEqual([]);
  });
});
