import { setTimeout as delay } from 'node:timers/promises';
import type { Message, Subscription } from '@google-cloud/pubsub';
import { Lanes } from './lanes.ts';

export interface Filter {
  readonly attribute: string;
  readonly oneOf: readonly string[];
}

export interface Route {
  readonly topic: string;
  readonly subscription: string;
  /** Where its messages are POSTed. */
  readonly url: string;
  /** Other messages are acknowledged unseen, as the cloud's filter does. */
  readonly filter?: Filter;
  /** Deliveries before a message goes to the dead-letter topic; 8 unless said. */
  readonly maxAttempts?: number;
  readonly deadLetterTopic: string;
}

export interface PumpOptions {
  readonly projectId: string;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  readonly onError: (what: string) => void;
  /** Publishes to the dead-letter topic of the route. */
  readonly bury: (route: Route, message: Message, attributes: Attributes) => Promise<void>;
}

type Attributes = Readonly<Record<string, string>>;

const defaultAttempts = 8;
const postsAtOnce = 8;
const postPatienceMs = 600_000;
/** How long a stop waits for requests that are being answered. */
const graceMs = 1_000;
/** After which nothing more is thought to be on its way here. */
const silenceMs = 60;

/**
 * Carries the messages of one subscription to its URL. A message stays leased here until it is
 * answered 2xx or buried, so that its pauses and attempts are exact; whatever is still held at a
 * stop goes back to Pub/Sub.
 */
export class Pump {
  readonly #subscription: Subscription;
  readonly #route: Route;
  readonly #options: PumpOptions;
  readonly #held = new Set<Message>();
  readonly #lanes = new Lanes<Message>(postsAtOnce, compareAge);
  /** Ends pauses and new deliveries. */
  readonly #stopping = new AbortController();
  /** Ends running requests too. */
  readonly #hurry = new AbortController();
  /** When something last arrived or left. */
  #lastMoved = performance.now();

  constructor(subscription: Subscription, route: Route, options: PumpOptions) {
    this.#subscription = subscription;
    this.#route = route;
    this.#options = options;
    subscription.on('message', (message: Message) => this.#take(message));
    subscription.on('error', ({ message }: Error) =>
      options.onError(`${route.subscription}: ${message}`),
    );
  }

  /** Whether nothing is held and nothing has moved since a time of `performance.now()`. */
  quietSince(time: number): boolean {
    return this.#held.size === 0 && this.#lastMoved <= time;
  }

  #take(message: Message): void {
    this.#lastMoved = performance.now();
    // Given back when we close: at once, it would come straight back to us.
    if (this.#stopping.signal.aborted) return;
    const { filter } = this.#route;
    const value = filter === undefined ? undefined : message.attributes[filter.attribute];
    if (filter !== undefined && !filter.oneOf.includes(value ?? '')) {
      message.ack();
      return;
    }
    this.#held.add(message);
    const key = message.orderingKey === '' ? undefined : message.orderingKey;
    this.#lanes.add(message, key, (enter) => this.#carry(message, enter));
  }

  async #carry(message: Message, enter: <T>(work: () => Promise<T>) => Promise<T>): Promise<void> {
    const { maxAttempts = defaultAttempts } = this.#route;
    const { firstPauseMs, longestPauseMs } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const delivered = await enter(() => this.#post(message, attempt));
      if (delivered) return this.#settle(message);
      if (attempt >= maxAttempts && (await this.#bury(message, attempt))) {
        return this.#settle(message);
      }
      const pauseMs = Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs);
      await delay(pauseMs, undefined, { signal }).catch(() => {});
    }
  }

  #settle(message: Message): void {
    if (!this.#held.delete(message)) return;
    message.ack();
    this.#lastMoved = performance.now();
  }

  async #post(message: Message, attempt: number): Promise<boolean> {
    const { url, subscription } = this.#route;
    const { projectId, onError } = this.#options;
    const { signal } = this.#stopping;
    if (signal.aborted) return false;
    const about = `${subscription}: message ${message.id}, attempt ${attempt}`;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'user-agent': 'APIs-Google' },
        body: JSON.stringify(
          envelopeOf(message, `projects/${projectId}/subscriptions/${subscription}`, attempt),
        ),
        redirect: 'manual',
        signal: AbortSignal.any([this.#hurry.signal, AbortSignal.timeout(postPatienceMs)]),
      });
      const answer = await response.text();
      if (response.ok) return true;
      onError(`${about}: answered ${response.status} ${answer.slice(0, 300)}`);
    } catch (problem) {
      if (!signal.aborted) onError(`${about}: ${reasonOf(problem)}`);
    }
    return false;
  }

  async #bury(message: Message, attempts: number): Promise<boolean> {
    const { subscription } = this.#route;
    const { projectId, bury, onError } = this.#options;
    try {
      await bury(this.#route, message, {
        ...message.attributes,
        CloudPubSubDeadLetterSourceDeliveryCount: `${attempts}`,
        CloudPubSubDeadLetterSourceSubscription: subscription,
        CloudPubSubDeadLetterSourceSubscriptionProject: projectId,
        CloudPubSubDeadLetterSourceTopicPublishTime: momentOf(message.publishTime),
      });
      return true;
    } catch (problem) {
      onError(`${subscription}: message ${message.id} could not be buried: ${reasonOf(problem)}`);
      return false;
    }
  }

  #silent(): boolean {
    return performance.now() - this.#lastMoved >= silenceMs;
  }

  /** Lets running requests end for a second; closing gives back whatever is not settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const grace = setTimeout(() => this.#hurry.abort(), graceMs);
    await this.#lanes.drained();
    // What is on its way here when we close would be nobody's until its lease is over.
    while (!this.#hurry.signal.aborted && !this.#silent()) await delay(15);
    clearTimeout(grace);
    await this.#subscription.close();
    this.#held.clear();
  }
}

/** Older first; the emulator's pull does not promise the order of a key, its ids do. */
function compareAge(a: Message, b: Message): number {
  return a.publishTime.getTime() - b.publishTime.getTime() || Number(a.id) - Number(b.id);
}

/** To the millisecond: the library's own dates have nine decimals. */
const momentOf = (time: Date) => new Date(time.getTime()).toISOString();

/** Exactly what Pub/Sub pushes, the doubled names included. */
function envelopeOf(message: Message, subscription: string, deliveryAttempt: number) {
  const { attributes, data, id, orderingKey, publishTime } = message;
  const time = momentOf(publishTime);
  return {
    message: {
      attributes,
      data: data.toString('base64'),
      messageId: id,
      message_id: id,
      publishTime: time,
      publish_time: time,
      ...(orderingKey === undefined || orderingKey === '' ? {} : { orderingKey }),
    },
    subscription,
    deliveryAttempt,
  };
}

function reasonOf(problem: unknown): string {
  if (!(problem instanceof Error)) return `${problem}`;
  return problem.cause instanceof Error ? problem.cause.message : problem.message;
}
