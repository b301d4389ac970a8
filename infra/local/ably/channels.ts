import { randomBytes } from 'node:crypto';
import { Presence } from './presence.ts';
import { Action, Flag, Parcel, Refusal, type WireMessage } from './wire.ts';

const KEPT_MESSAGES = 2_000;
const KEPT_IDS = 10_000;
const KEPT_CHANNELS = 20_000;
const OCCUPANCY_EVERY_MS = 200;

/** A message as everybody sees it. */
export interface Stored {
  readonly position: number;
  readonly timestamp: number;
  readonly id: string;
  readonly connectionId?: string;
  readonly wire: Readonly<Record<string, unknown>>;
}

/** Somebody who listens on a channel. */
export interface Listener {
  readonly connectionId: string;
  /** The modes it was granted, as flags. */
  modes: number;
  readonly wantsOccupancy: boolean;
  readonly echo: boolean;
  send(parcel: Parcel): void;
}

export interface Author {
  readonly clientId?: string | undefined;
  readonly connectionId?: string;
  /** The base of the ids of messages that carry none. */
  readonly idBase: string;
}

/** One channel: who listens, who is present, and what was said lately. */
export class Channel {
  readonly name: string;
  readonly presence = new Presence();
  readonly listeners = new Map<string, Listener>();
  readonly #epoch = randomBytes(6).toString('hex');
  readonly #ids = new Map<string, string>();
  #history: Stored[] = [];
  #position = 0;
  #occupancyTimer: NodeJS.Timeout | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get idle(): boolean {
    return this.listeners.size === 0 && this.presence.size === 0;
  }

  get serial(): string {
    return this.#serialAt(this.#position);
  }

  /** Keeps and sends what is new; a message whose id was seen is dropped. Returns every message's serial. */
  publish(messages: readonly WireMessage[], author: Author): string[] {
    const ids = idsOf(messages, author);
    const timestamp = Date.now();
    const fresh: Stored[] = [];
    const serials = messages.map((message, index) => {
      const id = ids[index] ?? '';
      const known = this.#ids.get(id);
      if (known) return known;
      const stored = this.#store(message, id, timestamp, author);
      fresh.push(stored);
      return String(stored.wire['serial']);
    });
    if (fresh.length > 0) this.#deliver(fresh, author.connectionId);
    return serials;
  }

  #store(message: WireMessage, id: string, timestamp: number, author: Author): Stored {
    const position = ++this.#position;
    const serial = `${String(timestamp).padStart(14, '0')}-${String(position).padStart(6, '0')}@${this.#epoch}`;
    const { connectionId } = author;
    const wire = present({
      id,
      name: message.name,
      data: message.data,
      encoding: message.encoding,
      extras: message.extras,
      clientId: message.clientId ?? author.clientId,
      connectionId,
      timestamp,
      action: 0,
      serial,
      version: { serial, timestamp },
    });
    const stored: Stored = {
      position,
      timestamp,
      id,
      wire,
      ...(connectionId ? { connectionId } : {}),
    };
    this.#history.push(stored);
    if (this.#history.length > 2 * KEPT_MESSAGES)
      this.#history = this.#history.slice(-KEPT_MESSAGES);
    this.#ids.set(id, serial);
    if (this.#ids.size > KEPT_IDS) this.#ids.delete(this.#ids.keys().next().value ?? '');
    return stored;
  }

  #deliver(messages: readonly Stored[], from: string | undefined): void {
    const parcel = this.parcel(messages);
    for (const listener of this.listeners.values()) {
      if (!(listener.modes & Flag.subscribe)) continue;
      if (!listener.echo && listener.connectionId === from) continue;
      listener.send(parcel);
    }
  }

  /** One frame that carries these messages. */
  parcel(messages: readonly Stored[]): Parcel {
    const last = messages.at(-1);
    return new Parcel({
      action: Action.message,
      channel: this.name,
      channelSerial: this.#serialAt(last?.position ?? this.#position),
      timestamp: last?.timestamp ?? Date.now(),
      messages: messages.map(({ wire }) => wire),
    });
  }

  /** What was said after a serial of this channel, or undefined when that is no longer known. */
  after(serial: string): readonly Stored[] | undefined {
    const [epoch, position] = serial.split(':');
    const from = Number(position);
    if (epoch !== this.#epoch || !Number.isSafeInteger(from) || from > this.#position)
      return undefined;
    const missed = this.#history.filter((message) => message.position > from);
    return missed.length === this.#position - from ? missed : undefined;
  }

  /** The newest messages: `10` counts them, `30s` and `2m` go back in time. */
  rewind(by: string): readonly Stored[] {
    const [, digits = '0', unit] = /^(\d{1,4})([sm])?$/.exec(by) ?? [];
    const amount = Number(digits);
    if (amount === 0) return [];
    if (!unit) return this.#history.slice(-Math.min(amount, 100));
    const since = Date.now() - amount * (unit === 'm' ? 60_000 : 1000);
    return this.#history.filter(({ timestamp }) => timestamp >= since).slice(-100);
  }

  /** Oldest first. */
  get history(): readonly Stored[] {
    return this.#history.slice(-KEPT_MESSAGES);
  }

  broadcastPresence(parcel: Parcel): void {
    for (const listener of this.listeners.values())
      if (listener.modes & Flag.presenceSubscribe) listener.send(parcel);
  }

  metrics() {
    const listening = [...this.listeners.values()];
    const having = (flag: number) => listening.filter(({ modes }) => modes & flag).length;
    return {
      connections: listening.length,
      publishers: having(Flag.publish),
      subscribers: having(Flag.subscribe),
      presenceConnections: having(Flag.presence),
      presenceMembers: this.presence.size,
      presenceSubscribers: having(Flag.presenceSubscribe),
    };
  }

  /** Tells the listeners who asked for it how many there are, at most five times a second. */
  occupancyChanged(): void {
    if (this.#occupancyTimer) return;
    this.#occupancyTimer = setTimeout(() => {
      this.#occupancyTimer = undefined;
      const parcel = this.occupancy();
      for (const listener of this.listeners.values())
        if (listener.wantsOccupancy) listener.send(parcel);
    }, OCCUPANCY_EVERY_MS);
  }

  occupancy(): Parcel {
    const timestamp = Date.now();
    const data = JSON.stringify({ metrics: this.metrics() });
    const id = `${this.#epoch}:${timestamp}:0`;
    const message = { id, name: '[meta]occupancy', data, encoding: 'json', timestamp };
    return new Parcel({
      action: Action.message,
      channel: this.name,
      timestamp,
      messages: [message],
    });
  }

  #serialAt(position: number): string {
    return `${this.#epoch}:${position}`;
  }
}

/** Ids given by the client must have one base, because messages of one frame live or fall together. */
function idsOf(messages: readonly WireMessage[], { idBase }: Author): string[] {
  if (messages.every(({ id }) => id === undefined || id === null))
    return messages.map((_, index) => `${idBase}:${index}`);
  const ids = messages.map(({ id }) => id ?? '');
  if (ids.includes(''))
    throw new Refusal(40031, 400, 'Client-specified message id cannot be empty');
  const base = ids[0]?.replace(/:0$/, '');
  if (ids.length > 1 && ids.some((id, index) => id !== `${base}:${index}`))
    throw new Refusal(40031, 400, 'Client-specified message ids do not share one base');
  return ids;
}

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== null),
  );

/** Every channel by name. The oldest idle ones are forgotten first. */
export class Channels {
  readonly #byName = new Map<string, Channel>();

  get(name: string): Channel {
    const known = this.#byName.get(name);
    if (known) return known;
    if (name === '' || name.length > 2048) throw new Refusal(40010, 400, 'Invalid channel name');
    if (this.#byName.size >= KEPT_CHANNELS) this.#forget();
    const channel = new Channel(name);
    this.#byName.set(name, channel);
    return channel;
  }

  /** A channel without making one. */
  peek(name: string): Channel | undefined {
    return this.#byName.get(name);
  }

  names(): string[] {
    return [...this.#byName.keys()];
  }

  #forget(): void {
    for (const [name, channel] of this.#byName)
      if (channel.idle) {
        this.#byName.delete(name);
        return;
      }
  }
}
