import { globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { discover, type FoundEndpoint } from '#build/discover.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { announce } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';
import type { Stage, Strangers } from './strangers/stage.ts';

const { endpoints } = await discover();

/** For each endpoint that takes an id: how to ask for somebody else’s thing; a file a room. */
const files = globSync(join(import.meta.dirname, 'strangers/*.rows.ts'));
const STRANGERS: Strangers = Object.assign(
  {},
  ...(await Promise.all(
    files.map(async (file) => ((await import(file)) as { readonly rows: Strangers }).rows),
  )),
);

const PATTERN_OF_ID = '[0-9a-f]{24}';
const inputOf = ({ definition: { params, query, body } }: FoundEndpoint): string =>
  [params, query, body]
    .map((shape) => shape && z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' }))
    .map((schema) => JSON.stringify(schema) ?? '')
    .join();
const takesId = (one: FoundEndpoint): boolean =>
  /:[A-Za-z]*id(?:\/|$)/i.test(one.definition.path) || inputOf(one).includes(PATTERN_OF_ID);

let world: World;
let stage: Stage;

beforeAll(async () => {
  world = await startWorld({ environment: { REQUIRE_VERIFIED_EMAIL: 'false' } });
  const [alice, bob] = [await world.person('alice'), await world.person('bob')];
  const shown = await announce(alice, { bytes: 1000 });
  const told = await announce(alice, { bytes: 1000, purpose: 'story' });
  const spare = await announce(alice, { bytes: 1000 });
  const content = await alice.post('/api/content', { assetId: shown.id, visibility: 'public' });
  const story = await alice.post('/api/stories', { assetId: told.id, audience: 'public' });
  const sessions = await alice.get('/api/auth/sessions');
  await transaction(async () => {
    const subject = { type: 'user', id: newId() };
    await notify({ user: toId(alice.id), type: 'follow', subject }, world.now());
  });
  await world.settle();
  const inbox = await alice.get('/api/notifications');
  await alice.put(`/api/users/${bob.id}/relation`, { action: 'block' });
  stage = {
    ...{ world, alice, bob, asset: spare.id },
    content: String(content.body['content']?.['id']),
    story: String(story.body['story']?.['id']),
    session: String(sessions.body['sessions']?.at(0)?.['id']),
    notification: String(inbox.body['notifications']?.at(0)?.['id']),
  };
});
afterAll(() => world.stop());

test('every endpoint that takes an id has a row here', () => {
  const missing = endpoints
    .filter(takesId)
    .map(({ name }) => name)
    .filter((name) => !(name in STRANGERS));

  expect(missing).toEqual([]);
});

describe.each(endpoints.filter(({ name }) => name in STRANGERS))('$name', ({ name }) => {
  test('does not tell a stranger that the thing exists', async () => {
    const row = STRANGERS[name];

    const answer = await row?.ask(stage);

    expect([answer?.status, answer?.body['code']]).toEqual([
      row?.told?.status ?? 404,
      row?.told ? undefined : 'not_found',
    ]);
  });
});

test('what Alice has is as she left it', async () => {
  const { alice, asset, content, notification } = stage;
  const [upload, mine, inbox, sessions] = [
    await alice.get(`/api/media/uploads/${asset}`),
    await alice.get(`/api/content/${content}`),
    await alice.get('/api/notifications'),
    await alice.get('/api/auth/sessions'),
  ];

  expect(upload.body['asset']?.['status']).toBe('created');
  expect(mine.body['content']?.['caption']).toBe('');
  expect(inbox.body['notifications']).toContainEqual(
    expect.objectContaining({ id: notification, unread: true }),
  );
  expect(sessions.status).toBe(200);
});
