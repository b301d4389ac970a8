import type { PubSub, Topic } from '@google-cloud/pubsub';
import { config } from '#platform/config.ts';

export interface OutgoingMessage {
  /** Sent as JSON. */
  readonly data: unknown;
  readonly attributes: Readonly<Record<string, string>>;
  /** Messages of one key arrive in the order they were published. */
  readonly orderingKey?: string;
}

const patienceMs = 10_000;

let client: Promise<PubSub> | undefined;
const topics = new Map<string, Topic>();

/** Loading the library costs a cold start, so a function that publishes nothing never does. */
const pubsub = (): Promise<PubSub> =>
  (client ??= import('@google-cloud/pubsub').then(
    ({ PubSub }) => new PubSub({ projectId: config().GOOGLE_CLOUD_PROJECT }),
  ));

async function topicNamed(name: string): Promise<Topic> {
  const opened = await pubsub();
  const known = topics.get(name);
  if (known !== undefined) return known;
  const made = opened.topic(name);
  made.setPublishOptions({
    messageOrdering: true,
    batching: { maxMessages: 200, maxMilliseconds: 5 },
    gaxOpts: { timeout: patienceMs },
  });
  topics.set(name, made);
  return made;
}

/**
 * Publishes all messages and resolves when every one is stored. Throws within about ten seconds
 * when any is not; then some may have been stored, and the caller publishes all of them again.
 */
export async function publishMessages(
  topicName: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  if (messages.length === 0) return;
  const topic = await topicNamed(topicName);
  const sent = messages.map(({ data, attributes, orderingKey }) =>
    topic.publishMessage({
      data: Buffer.from(JSON.stringify(data)),
      attributes: { ...attributes },
      ...(orderingKey === undefined ? {} : { orderingKey }),
    }),
  );
  try {
    await withinPatience(Promise.all(sent), topicName);
  } catch (problem) {
    // After a failure the library holds a key back until it is told that the caller knows.
    for (const { orderingKey } of messages) {
      if (orderingKey !== undefined) topic.resumePublishing(orderingKey);
    }
    throw problem;
  }
}

async function withinPatience<T>(work: Promise<T>, topicName: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Publishing to ${topicName} took longer than ${patienceMs} ms.`)),
      patienceMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets go of the connection; the next publish opens a new one. */
export async function closePubSub(): Promise<void> {
  const open = client;
  client = undefined;
  topics.clear();
  await (await open)?.close();
}
