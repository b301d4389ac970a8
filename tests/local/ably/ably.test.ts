import type Ably from 'ably';
import { describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { until } from '../../support/place.ts';
import { anAbly } from './clients.ts';

const { rest, realtime, token } = anAbly();

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
    const server = rest({ useBinaryProtocol });

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
