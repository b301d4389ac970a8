import Ably from 'ably';
import jwt from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { startAbly } from '#local/ably/engine.ts';
import type { Engine } from '#local/engine.ts';
import { aPlace, until } from './place.ts';

const place = aPlace();
let engine: Engine;
let key = '';
const open: Ably.Realtime[] = [];

beforeAll(async () => {
  engine = await startAbly(place);
  key = engine.env['ABLY_API_KEY'] ?? '';
});
afterEach(() => {
  for (const client of open.splice(0)) client.close();
});
afterAll(async () => {
  await engine.stop();
  place.remove();
});

const where = () => ({
  endpoint: '127.0.0.1',
  port: Number(new URL(engine.address).port),
  tls: false,
  fallbackHosts: [],
  disableConnectivityCheck: true,
  logLevel: 0 as const,
});
const rest = (options: Ably.ClientOptions = { key }) => new Ably.Rest({ ...where(), ...options });
function realtime(options: Ably.ClientOptions) {
  const client = new Ably.Realtime({ ...where(), ...options });
  open.push(client);
  return client;
}

interface Wish {
  readonly clientId?: string;
  readonly can?: Record<string, string[]>;
  readonly seconds?: number;
  readonly secret?: string;
}

function token({ clientId, can = { '*': ['*'] }, seconds = 600, secret }: Wish = {}): string {
  const [name = '', ownSecret = ''] = key.split(':');
  const iat = Math.floor(Date.now() / 1000) - 10;
  return jwt.sign(
    {
      iat,
      exp: iat + 10 + seconds,
      'x-ably-capability': JSON.stringify(can),
      ...(clientId ? { 'x-ably-clientId': clientId } : {}),
    },
    secret ?? ownSecret,
    { algorithm: 'HS256', keyid: name },
  );
}

const reached = (client: Ably.Realtime, state: Ably.ConnectionState) =>
  until(() => client.connection.state === state && client.connection);

let channelCount = 0;
const aChannel = (family = 'content') => `${family}:${++channelCount}`;

describe.each([
  ['JSON', false],
  ['msgpack', true],
])('a client that speaks %s', (_format, useBinaryProtocol) => {
  test('hears what the server publishes, once for each id', async () => {
    const name = aChannel();
    const client = realtime({ token: token({ clientId: 'alice' }), useBinaryProtocol });
    const heard: unknown[] = [];
    await client.channels.get(name).subscribe(({ name, data, id }) => heard.push([name, data, id]));
    const server = rest({ key, useBinaryProtocol });

    await server.channels.get(name).publish({ id: 'evt-1', name: 'like', data: { count: 1 } });
    await server.channels.get(name).publish({ id: 'evt-1', name: 'like', data: { count: 1 } });
    await server.channels.get(name).publish({ id: 'evt-2', name: 'like', data: { count: 2 } });

    await until(() => heard.length >= 2);
    expect(heard).toEqual([
      ['like', { count: 1 }, 'evt-1'],
      ['like', { count: 2 }, 'evt-2'],
    ]);
    const { items } = await server.channels.get(name).history();
    expect(items.map(({ id, data }) => [id, data])).toEqual([
      ['evt-2', { count: 2 }],
      ['evt-1', { count: 1 }],
    ]);
  });

  test('publishes and is answered, and others learn who it was', async () => {
    const name = aChannel('live');
    const bob = realtime({ token: token({ clientId: 'bob' }), useBinaryProtocol });
    const alice = realtime({ token: token({ clientId: 'alice' }), useBinaryProtocol });
    const heard: Ably.InboundMessage[] = [];
    await bob.channels.get(name).subscribe((message) => heard.push(message));

    await alice.channels.get(name).publish('hearts', Buffer.from([1, 2, 3]));

    await until(() => heard.length > 0);
    expect(heard[0]).toMatchObject({ name: 'hearts', clientId: 'alice' });
    expect(Buffer.from(heard[0]?.data)).toEqual(Buffer.from([1, 2, 3]));
  });
});

describe('capabilities', () => {
  test("keep a stranger out of a user's channel while the connection stays up", async () => {
    const client = realtime({
      token: token({ clientId: 'alice', can: { 'user:alice': ['subscribe'] } }),
    });

    await client.channels.get('user:alice').attach();
    const refused = client.channels.get('user:bob').attach();

    await expect(refused).rejects.toMatchObject({ code: 40160 });
    expect(client.connection.state).toBe('connected');
  });

  test('let a subscriber read but not publish, over the socket and over HTTP', async () => {
    const name = aChannel();
    const readOnly = token({ can: { 'content:*': ['subscribe'] } });
    const client = realtime({ token: readOnly });
    await client.channels.get(name).attach();

    const server = rest({ token: readOnly }).channels.get(name);

    const refused = { status: 'rejected', reason: { code: 40160 } };
    expect(
      await Promise.allSettled([
        client.channels.get(name).publish('like', {}),
        server.publish('like', {}),
        server.history(),
      ]),
    ).toMatchObject([refused, refused, refused]);
  });

  test('do not let a client speak as somebody else', async () => {
    const options = { token: token({ clientId: 'alice' }) };
    const forged = { name: 'comment', clientId: 'bob' };

    const refused = { status: 'rejected', reason: { code: 40012 } };
    expect(
      await Promise.allSettled([
        rest(options).channels.get('live:1').publish(forged),
        realtime(options).channels.get('live:1').publish(forged),
      ]),
    ).toMatchObject([refused, refused]);
  });
});

describe('tokens', () => {
  test('that have expired are renewed through the callback', async () => {
    let asked = 0;
    const client = realtime({
      authCallback: (_params, done) => done(null, token({ seconds: asked++ === 0 ? -5 : 600 })),
    });

    await reached(client, 'connected');

    expect(asked).toBe(2);
  });

  test('that run out in mid-connection are renewed without losing it', async () => {
    let asked = 0;
    const client = realtime({
      authCallback: (_params, done) => done(null, token({ seconds: asked++ === 0 ? 3 : 600 })),
    });
    const states: string[] = [];
    client.connection.on(({ current }) => states.push(current));
    const { id } = await reached(client, 'connected');

    await until(() => asked === 2 && client.connection.state === 'connected');

    expect(client.connection.id).toBe(id);
    expect(states).not.toContain('disconnected');
  });

  test.each([
    ['forged', () => token({ secret: 'somebody-elses' })],
    [
      'unsigned',
      () =>
        token()
          .replace(/^[^.]+/, btoa('{"alg":"none","typ":"JWT"}'))
          .replace(/[^.]+$/, ''),
    ],
    ['nonsense', () => 'a.b.c'],
  ])('that are %s are refused for good', async (_kind, make) => {
    const client = realtime({ token: make() });

    const { errorReason } = await reached(client, 'failed');

    expect(errorReason).toMatchObject({ code: 40101, statusCode: 401 });
    await expect(rest({ token: make() }).channels.get('a').publish('b', 'c')).rejects.toMatchObject(
      {
        code: 40101,
      },
    );
  });

  test('that are revoked end their connections, and only theirs', async () => {
    const banned = realtime({ token: token({ clientId: 'banned' }) });
    const other = realtime({ token: token({ clientId: 'other' }) });
    await reached(banned, 'connected');
    await reached(other, 'connected');

    const { successCount } = await rest().auth.revokeTokens([
      { type: 'clientId', value: 'banned' },
    ]);

    expect(successCount).toBe(1);
    const { errorReason } = await reached(banned, 'failed');
    expect(errorReason?.code).toBe(40171);
    expect(other.connection.state).toBe('connected');
  });

  test('are given for a request signed with the key', async () => {
    const capability = { 'live:7': ['subscribe'] as Ably.capabilityOp[] };
    const details = await rest().auth.requestToken({ clientId: 'carol', capability });

    const client = realtime({ token: details.token });
    await client.channels.get('live:7').attach();

    expect(details).toMatchObject({ clientId: 'carol', capability: '{"live:7":["subscribe"]}' });
    expect(client.auth.clientId).toBe('carol');
    await expect(client.channels.get('live:8').attach()).rejects.toMatchObject({ code: 40160 });
  });
});

describe('channels', () => {
  test('show who is present, and that they left', async () => {
    const name = aChannel('live');
    const alice = realtime({ token: token({ clientId: 'alice' }) });
    const bob = realtime({ token: token({ clientId: 'bob' }) });
    await alice.channels.get(name).presence.enter({ mood: 'happy' });

    const seen = await bob.channels.get(name).presence.get();
    expect(seen.map(({ clientId, data }) => [clientId, data])).toEqual([
      ['alice', { mood: 'happy' }],
    ]);
    const { items } = await rest().channels.get(name).presence.get();
    expect(items.map(({ clientId }) => clientId)).toEqual(['alice']);

    const left: (string | undefined)[] = [];
    await bob.channels.get(name).presence.subscribe('leave', ({ clientId }) => left.push(clientId));
    alice.close();
    await until(() => left.length > 0);
    expect(left).toEqual(['alice']);
    expect(await bob.channels.get(name).presence.get()).toEqual([]);
  });

  test('repeat their last message to whoever rewinds', async () => {
    const name = aChannel();
    for (const data of ['old', 'new']) await rest().channels.get(name).publish('state', data);
    const heard: unknown[] = [];

    const channel = realtime({ token: token() }).channels.get(name, { params: { rewind: '1' } });
    await channel.subscribe(({ data }) => heard.push(data));

    await until(() => heard.length > 0);
    expect(heard).toEqual(['new']);
  });

  test('count those who listen', async () => {
    const name = aChannel('live');
    const counts: number[] = [];
    const host = realtime({ token: token() }).channels.get(name, {
      params: { occupancy: 'metrics' },
    });
    await host.subscribe('[meta]occupancy', ({ data }) => counts.push(data.metrics.subscribers));
    await realtime({ token: token() }).channels.get(name).attach();

    await until(() => counts.includes(2));
    const { status } = await rest().channels.get(name).status();
    expect(status.occupancy.metrics).toMatchObject({ connections: 2, subscribers: 2 });
  });

  test('page through their history', async () => {
    const channel = rest().channels.get(aChannel());
    for (const data of [1, 2, 3, 4, 5]) await channel.publish('n', String(data));

    let page: Ably.PaginatedResult<Ably.InboundMessage> | null = await channel.history({
      limit: 2,
    });
    const walked: unknown[][] = [];
    for (; page; page = page.hasNext() ? await page.next() : null)
      walked.push(page.items.map(({ data }) => data));

    expect(walked).toEqual([['5', '4'], ['3', '2'], ['1']]);
  });

  test('take a batch in which each fails by itself', async () => {
    const mine = aChannel();
    const client = rest({ token: token({ can: { [mine]: ['publish'] } }) });

    const [result] = await client.batchPublish([
      { channels: [mine, 'user:bob'], messages: [{ id: 'evt-9', name: 'x', data: 'y' }] },
    ]);

    expect(result).toMatchObject({ successCount: 1, failureCount: 1 });
    expect(result?.results).toMatchObject([{ channel: mine }, { error: { code: 40160 } }]);
  });

  test('give back what was said while the socket was broken', async () => {
    const name = aChannel();
    const client = realtime({ token: token(), disconnectedRetryTimeout: 300 });
    const heard: unknown[] = [];
    await client.channels.get(name).subscribe(({ data }) => heard.push(data));
    await rest().channels.get(name).publish('n', 'before');
    await until(() => heard.length === 1);
    const { id } = client.connection;

    breakSocket(client);
    await rest().channels.get(name).publish('n', 'meanwhile');
    await until(() => heard.length === 2);

    expect(heard).toEqual(['before', 'meanwhile']);
    expect(client.connection.id).toBe(id);
  });
});

/** Cuts the line under a client, as a tunnel would. */
function breakSocket(client: Ably.Realtime): void {
  const { connectionManager } = client.connection as unknown as {
    connectionManager: { activeProtocol: { transport: { wsConnection: WebSocket } } };
  };
  connectionManager.activeProtocol.transport.wsConnection.terminate();
}

describe('malformed frames', () => {
  test.each([
    ['json', 'not json'],
    ['json', '{"action":"attach"}'],
    ['json', '{"action":15,"channel":"a","messages":{"0":1}}'],
    ['msgpack', Buffer.from([0xdd, 0xff, 0xff, 0xff, 0xff])],
    ['msgpack', Buffer.from([0xc1, 0x00])],
    ['json', 'x'.repeat(2 * 1024 * 1024)],
  ])('in %s end their own connection and no other', async (format, bytes) => {
    const witness = realtime({ token: token() });
    await reached(witness, 'connected');
    const address = engine.address.replace('http', 'ws');
    const socket = new WebSocket(`${address}/?format=${format}&access_token=${token()}`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.once('open', () => socket.send(bytes));

    await closed;

    expect(await witness.connection.ping()).toBeGreaterThanOrEqual(0);
  });
});
