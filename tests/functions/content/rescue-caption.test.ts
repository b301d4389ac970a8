import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Captions } from '#domain/content/caption.model.ts';
import { CaptionRequested } from '#domain/content/caption-events.ts';
import { MediaAssets } from '#domain/media/media-asset.model.ts';
import { minutes } from '#platform/clock.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { aContent, anAsset } from '../../support/contents.ts';
import type { Person } from '../../support/people.ts';
import { push } from '../../support/redelivery.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let alice: Person;
beforeAll(async () => {
  // Nobody recognises speech there.
  world = await startWorld({
    background: false,
    environment: { SPEECH_ENDPOINT: 'http://127.0.0.1:9' },
  });
  alice = await world.person('alice');
});
afterAll(() => world.stop());

/** A track that was asked for so often, on something that can be heard. */
async function aTrack(attempts: number): Promise<Id<'caption'>> {
  const content = await aContent(alice);
  const asset = await anAsset(alice);
  await MediaAssets.updateOne({ _id: toId(asset) }, { $set: { audio: 'audio.flac' } });
  const ids = { content: toId<'content'>(content), creator: toId<'user'>(alice.id) };
  const _id = newId<'caption'>();
  await Captions.create([
    { ...ids, _id, asset: toId<'media'>(asset), language: 'en', status: 'requested', attempts },
  ]);
  return _id;
}

const track = (id: Id<'caption'>) => Captions.findById(id).lean();
const requestsFor = (id: Id<'caption'>) =>
  OutboxEvents.find({ type: CaptionRequested.type, 'payload.data.captionId': id.toHexString() });

describe('captions without a recogniser', () => {
  test('are asked for again later, and being turned away is no attempt', async () => {
    const id = await aTrack(0);

    const { status } = await push(world, 'captionVideo', {
      id: newId().toHexString(),
      type: CaptionRequested.type,
      occurredAt: world.now().toISOString(),
      data: { captionId: id, contentId: newId(), creatorId: alice.id, language: 'en' },
    });

    expect(status).toBeGreaterThanOrEqual(500);
    expect(await track(id)).toMatchObject({ status: 'requested', attempts: 0 });
  });

  test('are asked for again when nobody has touched them for too long', async () => {
    const id = await aTrack(1);
    world.advance(minutes(21));

    expect(await world.runJob('mediaWatchdog')).toBe(200);

    expect(await track(id)).toMatchObject({ status: 'requested' });
    expect(await requestsFor(id)).toHaveLength(1);
  });

  test('are given up after the third attempt, and their creator is told', async () => {
    const id = await aTrack(3);
    world.advance(minutes(21));

    await world.runJob('mediaWatchdog');

    expect(await track(id)).toMatchObject({ status: 'failed', failure: 'DEADLINE_EXCEEDED' });
    expect(await requestsFor(id)).toEqual([]);
    const told = await OutboxEvents.find({ 'payload.data.notification': 'captions_failed' });
    expect(told).toHaveLength(1);
  });
});
