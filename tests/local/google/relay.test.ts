import { PubSub } from '@google-cloud/pubsub';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startPubSub } from '#local/google/emulators.ts';
import { type Relay, type RelayOptions, type Route, startRelay } from '#local/google/relay.ts';
import { closePubSub, publishMessages } from '#platform/pubsub.ts';
import { aPlace, aReceiver, type Receiver, until, useEnvironment } from './support.ts';

interface Push {
  readonly message: {
    readonly data: string;
    readonly attributes: Readonly<Record<string, string>>;
    readonly messageId: string;
    readonly publishTime: string;
    readonly orderingKey?: string;
  };
  readonly subscription: string;
  readonly deliveryAttempt: number;
}

const projectId = 'mixillo-test';
let engine: Engine;
let pubsub: PubSub;
const open: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  engine = await startPubSub(await aPlace());
  useEnvironment(engine);
  pubsub = new PubSub({ projectId });
}, 90_000);

afterEach(async () => {
  for (const part of open.splice(0).reverse()) await part.stop();
});

afterAll(async () => {
  await Promise.all([closePubSub(), pubsub.close()]);
  await engine.stop();
});

async function listener(answer: Parameters<typeof aReceiver<Push>>[0]): Promise<Receiver<Push>> {
  const receiver = await aReceiver<Push>(answer);
  open.push({ stop: receiver.close });
  return receiver;
}

async function relay(options: Omit<RelayOptions, 'projectId'>): Promise<Relay> {
  const started = await startRelay({ projectId, firstPauseMs: 20, ...options });
  open.push(started);
  return started;
}

const route = (name: string, url: string, more: Partial<Route> = {}): Route => ({
  topic: `${name}-events`,
  subscription: `${name}-consumer`,
  url,
  deadLetterTopic: `${name}-dead`,
  ...more,
});

const events = (count: number, orderingKey?: string) =>
  Array.from({ length: count }, (_, index) => ({
    data: index,
    attributes: { type: 'thing.happened' },
    ...(orderingKey === undefined ? {} : { orderingKey }),
  }));

const dataOf = ({ body }: { body: Push }): unknown =>
  JSON.parse(Buffer.from(body.message.data, 'base64').toString());

describe('the relay', () => {
  test('posts what cloud push posts, to every subscription of the topic', async () => {
    const first = await listener(() => 204);
    const second = await listener(() => 200);
    const routes = [
      route('shape', first.url),
      route('shape', second.url, { subscription: 'shape-other' }),
    ];
    const { idle } = await relay({ routes });

    await publishMessages('shape-events', [
      { data: { id: 1 }, attributes: { type: 'a.b' }, orderingKey: 'key' },
    ]);
    await idle();

    expect(first.received).toHaveLength(1);
    expect(second.received).toHaveLength(1);
    expect(first.received[0]?.headers['content-type']).toBe('application/json');
    expect(first.received[0]?.body).toEqual({
      message: {
        data: Buffer.from('{"id":1}').toString('base64'),
        attributes: { type: 'a.b' },
        messageId: expect.stringMatching(/^\d+$/),
        message_id: expect.stringMatching(/^\d+$/),
        publishTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/),
        publish_time: expect.any(String),
        orderingKey: 'key',
      },
      subscription: `projects/${projectId}/subscriptions/shape-consumer`,
      deliveryAttempt: 1,
    });
  });

  test('delivers again until it is accepted, counting the attempts', async () => {
    const refusals: string[] = [];
    const receiver = await listener((_, count) => (count < 4 ? 500 : 204));
    const { idle } = await relay({
      routes: [route('again', receiver.url)],
      onError: (what) => refusals.push(what),
    });

    await publishMessages('again-events', events(1));
    await idle();

    expect(receiver.received.map(({ body }) => body.deliveryAttempt)).toEqual([1, 2, 3, 4]);
    expect(new Set(receiver.received.map(({ body }) => body.message.messageId)).size).toBe(1);
    expect(refusals).toHaveLength(3);
    expect(refusals[0]).toContain('again-consumer: message');
  });

  test('pauses longer after each refusal', async () => {
    const times: number[] = [];
    const receiver = await listener(() => {
      times.push(performance.now());
      return 503;
    });
    const { idle } = await relay({
      routes: [route('pauses', receiver.url, { maxAttempts: 4 })],
      firstPauseMs: 100,
      longestPauseMs: 200,
    });

    await publishMessages('pauses-events', events(1));
    await idle();

    const [first = 0, second = 0, third = 0, fourth = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(99);
    expect(third - second).toBeGreaterThanOrEqual(199);
    expect(fourth - third).toBeGreaterThanOrEqual(199);
  });

  test('buries a message after its last attempt, saying where it came from', async () => {
    const receiver = await listener(({ body }) => (body.message.attributes['bad'] ? 500 : 204));
    const grave = await listener(() => 204);
    const { idle } = await relay({
      routes: [
        route('grave', receiver.url, { maxAttempts: 3 }),
        route('buried', grave.url, { topic: 'grave-dead' }),
      ],
    });

    await publishMessages('grave-events', [
      { data: 'poison', attributes: { type: 'x.y', bad: '1' } },
      { data: 'good', attributes: { type: 'x.y' } },
    ]);
    await idle();

    expect(receiver.received.map(dataOf).sort()).toEqual(['good', 'poison', 'poison', 'poison']);
    expect(grave.received.map(dataOf)).toEqual(['poison']);
    expect(grave.received[0]?.body.message.attributes).toEqual({
      type: 'x.y',
      bad: '1',
      CloudPubSubDeadLetterSourceDeliveryCount: '3',
      CloudPubSubDeadLetterSourceSubscription: 'grave-consumer',
      CloudPubSubDeadLetterSourceSubscriptionProject: projectId,
      CloudPubSubDeadLetterSourceTopicPublishTime: expect.stringMatching(/Z$/),
    });
  });

  test('passes only what the filter names', async () => {
    const receiver = await listener(() => 204);
    const filter = { attribute: 'type', oneOf: ['gift.sent', 'gift.failed'] };
    const { idle } = await relay({ routes: [route('filter', receiver.url, { filter })] });
    const types = ['gift.sent', 'gift.opened', 'gift.failed', 'gift'];

    await publishMessages('filter-events', [
      ...types.map((type) => ({ data: type, attributes: { type } })),
      { data: 'none', attributes: {} },
    ]);
    await idle();

    expect(receiver.received.map(dataOf).sort()).toEqual(['gift.failed', 'gift.sent']);
  });

  test('keeps the order of a key through refusals, and lets other keys pass', async () => {
    const running = new Set<string>();
    const overlaps: string[] = [];
    const accepted: Record<string, unknown[]> = {};
    const receiver = await listener(async (sent) => {
      const key = sent.body.message.orderingKey ?? '';
      if (running.has(key)) overlaps.push(key);
      running.add(key);
      await new Promise(setImmediate);
      running.delete(key);
      const data = dataOf(sent) as number;
      if (key === 'a' && data % 3 === 0 && sent.body.deliveryAttempt < 3) return 500;
      accepted[key] = [...(accepted[key] ?? []), data];
      return 204;
    });
    const { idle } = await relay({ routes: [route('order', receiver.url)] });

    await Promise.all([
      publishMessages('order-events', events(30, 'a')),
      publishMessages('order-events', events(30, 'b')),
    ]);
    await idle();

    const inOrder = Array.from({ length: 30 }, (_, index) => index);
    expect(accepted).toEqual({ a: inOrder, b: inOrder });
    expect(overlaps).toEqual([]);
  });

  test('sends at most eight at a time, and is not held up by messages that wait', async () => {
    let running = 0;
    let most = 0;
    const receiver = await listener(async ({ body }) => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return body.message.attributes['bad'] ? 500 : 204;
    });
    const { stop } = await relay({
      routes: [route('slots', receiver.url)],
      firstPauseMs: 60_000,
      longestPauseMs: 60_000,
    });
    const bad = events(20).map((event) => ({ ...event, attributes: { bad: '1' } }));

    await publishMessages('slots-events', [...bad, ...events(100)]);
    await until(() => receiver.received.length === 120);
    await stop();

    expect(most).toBe(8);
  });

  test('loses nothing when it is stopped in the middle', async () => {
    const answered = new Set<unknown>();
    const receiver = await listener(async (sent) => {
      await new Promise((resolve) => setTimeout(resolve, 2));
      answered.add(dataOf(sent));
      return 204;
    });
    const routes = [route('stopped', receiver.url)];
    const first = await startRelay({ projectId, routes });
    await publishMessages('stopped-events', events(400));
    await until(() => receiver.received.length > 20);
    await first.stop();
    const afterStop = receiver.received.length;

    const { idle } = await relay({ routes });
    await until(() => answered.size === 400);
    await idle();

    expect(afterStop).toBeLessThan(400);
    expect(receiver.received.length).toBeLessThan(420);
  });

  test('stops although a receiver never answers, and gives the message back', async () => {
    const silent = await listener(() => new Promise(() => {}));
    const stuck = await startRelay({ projectId, routes: [route('stuck', silent.url)] });
    await publishMessages('stuck-events', events(1));
    await until(() => silent.received.length === 1);
    await stuck.stop();

    const receiver = await listener(() => 204);
    await relay({ routes: [route('stuck', receiver.url)] });

    await until(() => receiver.received.length === 1);
  });

  test('survives a receiver that is not there yet', async () => {
    const early = await aReceiver<Push>(() => 204);
    await early.close();
    await relay({ routes: [route('early', early.url)], longestPauseMs: 50 });
    await publishMessages('early-events', events(1));

    const late = await aReceiver<Push>(() => 204, Number(new URL(early.url).port));
    open.push({ stop: late.close });

    await until(() => late.received.length === 1);
  });

  test('refuses to run without the emulator', async () => {
    const host = process.env['PUBSUB_EMULATOR_HOST'];
    delete process.env['PUBSUB_EMULATOR_HOST'];

    await expect(startRelay({ projectId, routes: [] })).rejects.toThrow('PUBSUB_EMULATOR_HOST');

    process.env['PUBSUB_EMULATOR_HOST'] = host;
  });
});
