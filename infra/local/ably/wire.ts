import msgpack from '@ably/msgpack-js';
import { z } from 'zod';

/** The numbers of the protocol's frames. */
export const Action = {
  heartbeat: 0,
  ack: 1,
  nack: 2,
  connected: 4,
  disconnect: 5,
  disconnected: 6,
  close: 7,
  closed: 8,
  error: 9,
  attach: 10,
  attached: 11,
  detach: 12,
  detached: 13,
  presence: 14,
  message: 15,
  sync: 16,
  auth: 17,
} as const;

export const Flag = {
  hasPresence: 1 << 0,
  hasBacklog: 1 << 1,
  resumed: 1 << 2,
  presence: 1 << 16,
  publish: 1 << 17,
  subscribe: 1 << 18,
  presenceSubscribe: 1 << 19,
} as const;

export const MODES = Flag.presence | Flag.publish | Flag.subscribe | Flag.presenceSubscribe;
export const MAX_MESSAGE_BYTES = 65_536;

/** A failure with the vendor's own number, which decides what its client does next. */
export class Refusal extends Error {
  readonly code: number;
  readonly statusCode: number;

  constructor(code: number, statusCode: number, message: string) {
    super(message);
    this.code = code;
    this.statusCode = statusCode;
  }

  toJSON() {
    const { code, statusCode, message } = this;
    return { code, statusCode, message, href: `https://help.ably.io/error/${code}` };
  }
}

const text = z.string().nullish();

/** A message as a client writes it; `data` stays as it came, because only clients decode it. */
export const WireMessage = z.object({
  id: text,
  name: text,
  clientId: text,
  data: z.unknown().optional(),
  encoding: text,
  extras: z.unknown().optional(),
});
export type WireMessage = z.infer<typeof WireMessage>;

export const WirePresence = z.object({
  id: text,
  action: z.int().min(0).max(4),
  clientId: text,
  data: z.unknown().optional(),
  encoding: text,
  extras: z.unknown().optional(),
});
export type WirePresence = z.infer<typeof WirePresence>;

/** What a client may send. Whatever is unknown is dropped here. */
export const Inbound = z.object({
  action: z.int(),
  id: text,
  channel: z.string().max(2048).nullish(),
  channelSerial: text,
  flags: z.int().nullish(),
  msgSerial: z.int().nullish(),
  params: z.record(z.string(), z.coerce.string()).nullish(),
  messages: z.array(WireMessage).max(1000).nullish(),
  presence: z.array(WirePresence).max(1000).nullish(),
  auth: z.object({ accessToken: text }).nullish(),
});
export type Inbound = z.infer<typeof Inbound>;

export type Format = 'json' | 'msgpack';
export type Outbound = Readonly<Record<string, unknown>> & { readonly action: number };

/** Throws on bytes that are not of this format. */
export const decode = (bytes: Buffer, format: Format): unknown =>
  format === 'json' ? JSON.parse(bytes.toString('utf8')) : msgpack.decode(bytes);

export const encode = (value: unknown, format: Format): Buffer | string =>
  format === 'json' ? JSON.stringify(value, base64) : encodeBinary(value);

const encodeBinary = (value: unknown): Buffer => Buffer.from(msgpack.encode(dense(value)) ?? []);

/** JSON has no bytes: they travel as base64 and say so in `encoding`. */
function base64(_key: string, value: unknown): unknown {
  if (!isRecord(value) || !isJsonBuffer(value['data'])) return value;
  const encoding = value['encoding'] ? `${value['encoding']}/base64` : 'base64';
  return { ...value, data: asBuffer(value['data']).toString('base64'), encoding };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isJsonBuffer = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
const asBuffer = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The binary encoder writes `undefined` as an extension type that nobody reads. */
function dense(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dense);
  if (value instanceof Refusal) return value.toJSON();
  if (!isRecord(value) || isJsonBuffer(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== undefined && item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, dense(item)]));
}

/** A frame that is encoded once however many connections receive it. */
export class Parcel {
  readonly frame: Outbound;
  readonly #encoded: Partial<Record<Format, Buffer | string>> = {};

  constructor(frame: Outbound) {
    this.frame = frame;
  }

  bytes(format: Format): Buffer | string {
    return (this.#encoded[format] ??= encode(this.frame, format));
  }
}
