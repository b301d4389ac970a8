import Ably from 'ably';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAbly } from '#local/ably/engine.ts';
import type { Engine } from '#local/engine.ts';
import {
  channels,
  endpointForClients,
  publishRealtime,
  type RealtimeCapability,
  realtimeToken,
  revokeRealtime,
} from '#platform/ably.ts';
import { aPlace, completeEnvironment, until } from '../support/place.ts';

const place = aPlace();
let engine: Engine;
const open: Ably.Realtime[] = [];

beforeAll(async () => {
  engine = await startAbly(place);
  Object.assign(process.env, completeEnvironment, engine.env);
});
afterAll(async () => {
  for (const client of open) client.close();
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

const tokenFor = (clientId: string, capability: RealtimeCapability) =>
  realtimeToken({ clientId, capability, ttlSeconds: 1800, now: new Date() });

function connect(token: string): Ably.Realtime {
  const client = new Ably.Realtime({ ...where(), token });
  open.push(client);
  return client;
}

async function said(channel: string): Promise<unknown[]> {
  const client = new Ably.Rest({ ...where(), key: engine.env['ABLY_API_KEY'] ?? '' });
  const { items } = await client.channels
    .get(channel)
    .history({ direction: 'forwards', limit: 1000 });
  return items.map(({ id, name, data }) => [id, name, data]);
}

describe('realtimeToken', () => {
  test('lets its holder into its own channels and nowhere else', async () => {
    const { token } = tokenFor('alice', { [channels.user('alice')]: ['subscribe'] });
    const client = connect(token);

    await client.channels.get(channels.user('alice')).attach();

    expect(client.auth.clientId).toBe('alice');
    const other = client.channels.get(channels.user('bob')).attach();
    await expect(other).rejects.toMatchObject({ code: 40160 });
  });

  test('says when it ends, in whole seconds after now', () => {
    const now = new Date('2026-11-23T10:00:00.900Z');

    const { expiresAt } = realtimeToken({ capability: {}, ttlSeconds: 60, now });

    expect(expiresAt).toEqual(new Date('2026-11-23T10:01:00.000Z'));
  });

  test('comes with the address at which clients connect', () => {
    expect(endpointForClients()).toBe(engine.address);
  });
});

describe('publishRealtime', () => {
  test('delivers each event once, however often it is repeated', async () => {
    const channel = channels.user('repeated');
    const message = { channel, name: 'wallet:update', data: { balance: 5 }, id: 'evt-1' };

    await publishRealtime([message]);
    await publishRealtime([message, { ...message, id: 'evt-2' }]);

    expect(await said(channel)).toEqual([
      ['evt-1', 'wallet:update', { balance: 5 }],
      ['evt-2', 'wallet:update', { balance: 5 }],
    ]);
  });

  test('takes more messages than fit into one call, and keeps their order', async () => {
    const channel = channels.content('busy');
    const messages = Array.from({ length: 250 }, (_, count) => ({
      channel,
      name: 'video:view',
      data: { count },
      id: `evt-${count}`,
    }));

    await publishRealtime(messages);

    expect(await said(channel)).toEqual(messages.map(({ id, name, data }) => [id, name, data]));
  });

  test('accepts one event for several channels', async () => {
    const to = [channels.user('a'), channels.user('b'), channels.system] as const;

    await publishRealtime(to.map((channel) => ({ channel, name: 'n', data: {}, id: 'evt-7' })));

    expect(await Promise.all(to.map(said))).toEqual(to.map(() => [['evt-7', 'n', {}]]));
  });

  test('throws when a message was refused', async () => {
    const data = { text: 'x'.repeat(70_000) };
    const sent = publishRealtime([{ channel: 'system', name: 'maintenance', data, id: 'evt-8' }]);
    await expect(sent).rejects.toThrow(/refused a message for system/);
  });
});

describe('revokeRealtime', () => {
  test('ends the connections of that client', async () => {
    const { token } = tokenFor('banned', { 'content:*': ['subscribe'] });
    const client = connect(token);
    await until(() => client.connection.state === 'connected');

    await revokeRealtime('banned');

    await until(() => client.connection.state === 'failed');
  });
});

describe('while Ably is away', () => {
  test('publishing fails and says nothing secret', async () => {
    await engine.stop();

    const sent = publishRealtime([{ channel: 'system', name: 'n', data: {}, id: 'evt-9' }]);

    const error = await sent.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const secret = engine.env['ABLY_API_KEY']?.split(':')[1] ?? '';
    expect(JSON.stringify([error, String(error), Object.entries(Object(error))])).not.toContain(
      secret,
    );
  });
});
