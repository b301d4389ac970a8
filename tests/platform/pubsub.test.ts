import { type Message, PubSub } from '@google-cloud/pubsub';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startPubSub } from '#local/google/emulators.ts';
import { closePubSub, publishMessages } from '#platform/pubsub.ts';
import { aPlace, until, useEnvironment } from '../local/google/support.ts';

let engine: Engine;
let pubsub: PubSub;

beforeAll(async () => {
  engine = await startPubSub(await aPlace());
  useEnvironment(engine);
  pubsub = new PubSub({ projectId: 'mixillo-test' });
}, 90_000);

afterAll(async () => {
  await Promise.all([closePubSub(), pubsub.close()]);
  await engine.stop();
});

/** Collects what arrives on a topic, which is made for it. */
async function listenTo(name: string) {
  const [topic] = await pubsub.createTopic(name);
  const [subscription] = await topic.createSubscription(`${name}-test`, {
    enableMessageOrdering: true,
  });
  const arrived: { data: unknown; attributes: Record<string, string>; orderingKey: string }[] = [];
  subscription.on('message', (message: Message) => {
    const { data, attributes, orderingKey = '' } = message;
    arrived.push({ data: JSON.parse(data.toString()), attributes, orderingKey });
    message.ack();
  });
  return arrived;
}

describe('publishing', () => {
  test('carries JSON, attributes and ordering keys, in order', async () => {
    const arrived = await listenTo('orders');
    const messages = Array.from({ length: 50 }, (_, index) => ({
      data: { index },
      attributes: { type: 'order.placed' },
      orderingKey: 'order:1',
    }));

    await publishMessages('orders', messages);
    await publishMessages('orders', [{ data: 'last', attributes: {} }]);
    await publishMessages('orders', []);

    await until(() => arrived.length === 51);
    const keyed = arrived.filter(({ orderingKey }) => orderingKey === 'order:1');
    expect(keyed.map(({ data }) => data)).toEqual(messages.map(({ data }) => data));
    expect(keyed[0]?.attributes).toEqual({ type: 'order.placed' });
  });

  test('fails when the topic is not there, and works for the same key once it is', async () => {
    const message = { data: 1, attributes: {}, orderingKey: 'key' };
    await expect(publishMessages('missing', [message])).rejects.toMatchObject({ code: 5 });

    const arrived = await listenTo('missing');
    await publishMessages('missing', [message]);

    await until(() => arrived.length === 1);
    expect(arrived).toEqual([message]);
  });

  test('goes on after it was closed', async () => {
    const arrived = await listenTo('reopened');
    await publishMessages('reopened', [{ data: 1, attributes: {} }]);
    await closePubSub();

    await publishMessages('reopened', [{ data: 2, attributes: {} }]);

    await until(() => arrived.length === 2);
    expect(arrived.map(({ data }) => data).sort()).toEqual([1, 2]);
  });

  test('gives up in time when nobody answers', async () => {
    await closePubSub();
    const reachable = process.env['PUBSUB_EMULATOR_HOST'];
    process.env['PUBSUB_EMULATOR_HOST'] = '127.0.0.1:1';

    await expect(publishMessages('orders', [{ data: 1, attributes: {} }])).rejects.toThrow();

    process.env['PUBSUB_EMULATOR_HOST'] = reachable;
    await closePubSub();
    await publishMessages('orders', [{ data: 1, attributes: {} }]);
  }, 60_000);
});
