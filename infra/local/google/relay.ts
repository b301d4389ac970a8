import { setTimeout as delay } from 'node:timers/promises';
import { Duration, type Message, PubSub, type Topic } from '@google-cloud/pubsub';
import { Pump, type Route } from './pump.ts';

export type { Route } from './pump.ts';

export interface RelayOptions {
  readonly projectId: string;
  readonly routes: readonly Route[];
  /** Told of every refused or failed delivery, in one line. */
  readonly onError?: (what: string) => void;
  /** The pause after a first failed delivery; it doubles from there. 200 ms unless said. */
  readonly firstPauseMs?: number;
  /** 10 s unless said. */
  readonly longestPauseMs?: number;
  /** Topics that must be there although nobody here listens to them. */
  readonly topics?: readonly string[];
}

export interface Relay {
  /** Gives back what is not delivered and lets go of the emulator; takes at most about a second. */
  stop(): Promise<void>;
  /** Resolves when no message is held, waiting to be repeated, or has moved for 150 ms. */
  idle(): Promise<void>;
}

const quietMs = 150;
const heldAtMost = 1_000;
const ackDeadlineSeconds = 60;

/**
 * Stands between the Pub/Sub emulator and our functions as push does in the cloud, which the
 * emulator's own push does not: it lacks filters, delivery attempts and ordering keys, and sends
 * two at a time. Makes the topics and subscriptions that are missing.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const {
    projectId,
    routes,
    onError = () => {},
    firstPauseMs = 200,
    longestPauseMs = 10_000,
  } = options;
  if (!process.env['PUBSUB_EMULATOR_HOST']) {
    throw new Error('The relay works with the emulator only: PUBSUB_EMULATOR_HOST is not set.');
  }
  const pubsub = new PubSub({ projectId });
  const graves = new Map<string, Topic>();
  await makeTopics(pubsub, routes, options.topics);
  await Promise.all(routes.map((route) => makeSubscription(pubsub, route)));

  const bury = async ({ deadLetterTopic }: Route, message: Message, attributes: object) => {
    const topic = graves.get(deadLetterTopic) ?? pubsub.topic(deadLetterTopic);
    graves.set(deadLetterTopic, topic);
    await topic.publishMessage({ data: message.data, attributes: { ...attributes } });
  };
  const pumps = routes.map((route) => {
    const subscription = pubsub.subscription(route.subscription, {
      flowControl: { maxMessages: heldAtMost, allowExcessMessages: false },
      streamingOptions: { maxStreams: 1 },
      batching: { maxMilliseconds: 10 },
      minAckDeadline: Duration.from({ seconds: ackDeadlineSeconds }),
      closeOptions: { behavior: 'NACK', timeout: Duration.from({ seconds: 2 }) },
    });
    return new Pump(subscription, route, {
      projectId,
      firstPauseMs,
      longestPauseMs,
      onError,
      bury,
    });
  });

  return {
    async idle() {
      // What was published just before the call may still be on its way here.
      const called = performance.now();
      const quiet = () => {
        const since = performance.now() - quietMs;
        return since >= called && pumps.every((pump) => pump.quietSince(since));
      };
      while (!quiet()) await delay(15);
    },
    async stop() {
      await Promise.all(pumps.map((pump) => pump.stop()));
      await pubsub.close();
    },
  };
}

async function makeTopics(
  pubsub: PubSub,
  routes: readonly Route[],
  others: readonly string[] = [],
): Promise<void> {
  const heard = routes.flatMap(({ topic, deadLetterTopic }) => [topic, deadLetterTopic]);
  const names = new Set([...heard, ...others]);
  await Promise.all([...names].map((name) => unlessThere(pubsub.createTopic(name))));
}

async function makeSubscription(pubsub: PubSub, route: Route): Promise<void> {
  await unlessThere(
    pubsub.createSubscription(route.topic, route.subscription, {
      enableMessageOrdering: true,
      ackDeadlineSeconds,
    }),
  );
}

const alreadyExists = 6;

async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (problem) {
    const code = problem instanceof Error && 'code' in problem ? problem.code : undefined;
    if (code !== alreadyExists) throw problem;
  }
}
