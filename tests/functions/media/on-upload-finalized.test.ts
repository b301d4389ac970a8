import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeObject } from '#platform/storage.ts';
import {
  announce,
  ended,
  inboxOf,
  objectsIn,
  statusOf,
  toldAbout,
  until,
} from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 240_000);
afterAll(() => world?.stop());

const put = (object: string, body: string): Promise<void> =>
  writeObject({
    bucket: String(process.env['UPLOADS_BUCKET']),
    object,
    contentType: 'video/mp4',
    body,
  });

describe('onUploadFinalized', { timeout: 300_000 }, () => {
  test('deletes what nobody announced', async () => {
    await put('videos/somebody/else', 'hello');

    const left = await until(
      () => objectsIn('UPLOADS_BUCKET', 'videos/somebody/'),
      (names) => names.length === 0,
    );

    expect(left).toEqual([]);
  });

  test.each([
    ['nothing at all', ''],
    ['less than announced', 'short'],
    ['more than announced', 'x'.repeat(2000)],
  ])('rejects %s, tells the owner, and leaves no object', async (_, body) => {
    const alice = await world.person('alice');
    const { id } = await announce(alice, { bytes: 1000 });
    const object = `videos/${alice.id}/${id}`;

    await put(object, body);
    const asset = await ended(alice, id);
    await world.settle();

    expect(asset).toMatchObject({ status: 'rejected', failureCode: 'size_mismatch' });
    expect(await toldAbout(world, alice, id)).toEqual(['size_mismatch']);
    expect(await inboxOf(alice)).toEqual(['media_rejected']);
    expect(await objectsIn('UPLOADS_BUCKET', object)).toEqual([]);
  });

  test('deletes what still comes for an asset that was rejected', async () => {
    const alice = await world.person('alice');
    const { id } = await announce(alice, { bytes: 1000 });
    const object = `videos/${alice.id}/${id}`;
    await put(object, 'short');
    await ended(alice, id);

    await put(object, 'x'.repeat(1000));
    await until(
      () => objectsIn('UPLOADS_BUCKET', object),
      (names) => names.length === 0,
    );

    expect(await statusOf(alice, id)).toMatchObject({ status: 'rejected' });
  });
});
