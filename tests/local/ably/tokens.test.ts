import type { capabilityOp } from 'ably';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../../support/place.ts';
import { anAbly } from './clients.ts';

const { address, rest, realtime, reached, token } = anAbly();

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
    const capability = { 'live:7': ['subscribe'] as capabilityOp[] };
    const details = await rest().auth.requestToken({ clientId: 'carol', capability });

    const client = realtime({ token: details.token });
    await client.channels.get('live:7').attach();

    expect(details).toMatchObject({ clientId: 'carol', capability: '{"live:7":["subscribe"]}' });
    expect(client.auth.clientId).toBe('carol');
    await expect(client.channels.get('live:8').attach()).rejects.toMatchObject({ code: 40160 });
  });
});

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
    const server = address().replace('http', 'ws');
    const socket = new WebSocket(`${server}/?format=${format}&access_token=${token()}`);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.once('open', () => socket.send(bytes));

    await closed;

    expect(await witness.connection.ping()).toBeGreaterThanOrEqual(0);
  });
});
