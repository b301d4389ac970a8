import { afterAll, beforeAll, expect, test } from 'vitest';
import { deadLetters, replay } from '#domain/system/dead-letters.ts';
import { newId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const inboxOf = async (person: { get: World['get'] }): Promise<readonly string[]> => {
  const { body } = await person.get('/api/notifications');
  return body['notifications']?.map((item) => String(item['type'])) ?? [];
};

test('a message that nobody can deal with is kept, told of, and dealt with once it is mended', async () => {
  const alice = await world.person('alice');
  const id = newId<'event'>();
  const good = {
    userId: alice.id,
    notification: 'follow',
    subject: { type: 'user', id: alice.id },
  };
  const payload = {
    id: id.toHexString(),
    type: 'notify.requested',
    occurredAt: world.now().toISOString(),
    key: alice.id,
    subject: { type: 'user', id: alice.id },
    version: 1,
    data: { ...good, notification: 'a kind that no version of us ever knew' },
  };
  await OutboxEvents.create([
    { _id: id, topic: 'notify', type: payload.type, key: alice.id, seq: 1, payload },
  ]);

  await world.settle();

  const { items } = await deadLetters({ page: 1, limit: 20 });
  expect(items.map(({ _id }) => _id.toHexString())).toEqual([id.toHexString()]);
  expect(items[0]?.deadLetters).toMatchObject([{ consumer: 'deliver-notification', attempts: 8 }]);
  expect(await inboxOf(alice)).toEqual([]);

  await OutboxEvents.updateOne({ _id: id }, { $set: { 'payload.data': good } });
  await replay(id, world.now());
  await world.settle();

  expect((await deadLetters({ page: 1, limit: 20 })).items).toEqual([]);
  expect(await inboxOf(alice)).toEqual(['follow']);
});
