import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { discover, type FoundEndpoint } from '#build/discover.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Answer } from '../support/caller.ts';
import type { Person } from '../support/people.ts';
import { announce } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

const { endpoints } = await discover();

/** What Alice has, and Bob, whom she has blocked, asks for. */
interface Stage {
  readonly bob: Person;
  readonly alice: Person;
  readonly asset: string;
  readonly content: string;
  readonly story: string;
  readonly session: string;
  readonly notification: string;
}

interface Row {
  readonly ask: (stage: Stage) => Promise<Answer>;
  /** What a stranger is told; 404 unless there is a reason for something else. */
  readonly told?: { readonly status: number; readonly because: string };
}

const hidden = (ask: Row['ask']): Row => ({ ask });

/** For each endpoint that takes an id: how to ask for somebody else’s thing. */
const STRANGERS: Readonly<Record<string, Row>> = {
  authSessionRevoke: hidden(({ bob, session }) => bob.delete(`/api/auth/sessions/${session}`)),

  mediaStatus: hidden(({ bob, asset }) => bob.get(`/api/media/uploads/${asset}`)),
  mediaComplete: hidden(({ bob, asset }) => bob.post(`/api/media/uploads/${asset}/complete`, {})),

  contentCreate: hidden(({ bob, asset }) => bob.post('/api/content', { assetId: asset })),
  contentUpload: hidden(({ bob, asset }) => bob.post('/api/content/upload', { assetId: asset })),
  contentGet: hidden(({ bob, content }) => bob.get(`/api/content/${content}`)),
  contentUpdate: hidden(({ bob, content }) =>
    bob.put(`/api/content/${content}`, { caption: 'mine now' }),
  ),
  contentDelete: hidden(({ bob, content }) => bob.delete(`/api/content/${content}`)),
  contentLike: hidden(({ bob, content }) => bob.post(`/api/content/${content}/like`)),
  contentUnlike: hidden(({ bob, content }) => bob.delete(`/api/content/${content}/like`)),
  contentView: hidden(({ bob, content }) => bob.post(`/api/content/${content}/view`, {})),
  contentComment: hidden(({ bob, content }) =>
    bob.post(`/api/content/${content}/comment`, { text: 'Let me in' }),
  ),
  contentComments: hidden(({ bob, content }) => bob.get(`/api/content/${content}/comments`)),
  captionsUpdate: hidden(({ bob, content }) =>
    bob.put(`/api/content/${content}/captions/en`, { action: 'delete' }),
  ),

  storiesCreate: hidden(({ bob, asset }) => bob.post('/api/stories', { assetId: asset })),
  storiesView: hidden(({ bob, story }) => bob.post(`/api/stories/${story}/view`)),
  storiesViewers: hidden(({ bob, story }) => bob.get(`/api/stories/${story}/viewers`)),
  storiesDelete: hidden(({ bob, story }) => bob.delete(`/api/stories/${story}`)),

  usersGet: hidden(({ bob, alice }) => bob.get(`/api/users/${alice.id}`)),
  usersFollow: hidden(({ bob, alice }) => bob.post(`/api/users/${alice.id}/follow`)),
  usersUnfollow: hidden(({ bob, alice }) => bob.delete(`/api/users/${alice.id}/unfollow`)),
  usersRelation: hidden(({ bob, alice }) =>
    bob.put(`/api/users/${alice.id}/relation`, { action: 'accept' }),
  ),
  usersUpdateMe: hidden(({ bob, asset }) => bob.put('/api/users/me', { avatarAssetId: asset })),

  notificationsRead: {
    ask: ({ bob, notification }) => bob.post('/api/notifications/read', { ids: [notification] }),
    told: { status: 200, because: 'what is not theirs is passed over; Alice’s stays unread' },
  },
  walletTransfer: hidden(({ bob, alice }) =>
    bob.post('/api/wallet/transfer', { to: alice.id, amount: 100 }),
  ),
};

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
    ...{ alice, bob, asset: spare.id },
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
  expect(inbox.body['notifications']?.at(0)).toMatchObject({ id: notification, unread: true });
  expect(sessions.status).toBe(200);
});
