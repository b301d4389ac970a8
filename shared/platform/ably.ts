import type { Rest } from 'ably';
import jwt from 'jsonwebtoken';
import { config } from './config.ts';

/** Every channel there is. Nothing else may be published to. */
export const channels = {
  user: (id: string) => `user:${id}` as const,
  content: (id: string) => `content:${id}` as const,
  live: (id: string) => `live:${id}` as const,
  hearts: (liveId: string) => `live:${liveId}:hearts` as const,
  chat: (roomId: string) => `chat:${roomId}` as const,
  shop: (id: string) => `shop:${id}` as const,
  system: 'system',
} as const;

export type RealtimeChannel =
  | `${'user' | 'content' | 'live' | 'chat' | 'shop'}:${string}`
  | typeof channels.system;

export type RealtimeOperation =
  | 'subscribe'
  | 'publish'
  | 'presence'
  | 'history'
  | 'channel-metadata'
  | 'push-subscribe';

/** What a token lets its holder do. A trailing `*` in a channel stands for every id. */
export type RealtimeCapability = Readonly<
  Partial<Record<RealtimeChannel, readonly RealtimeOperation[]>>
>;

export interface RealtimeMessage {
  readonly channel: RealtimeChannel;
  readonly name: string;
  /** Ids, counts and states; clients fetch the rest where visibility is checked. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The event's id. A message whose id was seen on its channel is dropped by Ably. */
  readonly id: string;
}

const DEADLINE_MS = 5_000;
const MAX_BATCH = 100;

interface TokenWish {
  readonly clientId?: string;
  readonly capability: RealtimeCapability;
  /** At most an hour, or Ably could not take the token back. */
  readonly ttlSeconds: number;
  readonly now: Date;
}

/** Signs a token that Ably's clients connect with, without asking Ably. */
export function realtimeToken({ clientId, capability, ttlSeconds, now }: TokenWish): {
  token: string;
  expiresAt: Date;
} {
  const [keyName, secret] = keyParts();
  const issuedAt = Math.floor(now.getTime() / 1000);
  const claims = {
    iat: issuedAt,
    exp: issuedAt + ttlSeconds,
    'x-ably-capability': JSON.stringify(capability),
    ...(clientId === undefined ? {} : { 'x-ably-clientId': clientId }),
  };
  const token = jwt.sign(claims, secret, { algorithm: 'HS256', keyid: keyName });
  return { token, expiresAt: new Date(claims.exp * 1000) };
}

/** Where clients connect, when that is not Ably's own address. */
export const endpointForClients = (): string | undefined => config().ABLY_ENDPOINT;

/**
 * Publishes each message once, however often it is called with the same ids. Throws when any
 * message was not accepted within five seconds; calling again with all of them is safe.
 */
export async function publishRealtime(messages: readonly RealtimeMessage[]): Promise<void> {
  if (messages.length === 0) return;
  const client = await ably();
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  for (let start = 0; start < messages.length; start += MAX_BATCH) {
    const batch = messages.slice(start, start + MAX_BATCH).map(({ channel, name, data, id }) => ({
      channels: [channel],
      // The batch call sends messages as they are, so they are encoded here.
      messages: [{ id, name, data: JSON.stringify(data), encoding: 'json' }],
    }));
    const results = await within(deadline, client.batchPublish(batch));
    const failed = results.flatMap((result) => result.results).find((result) => 'error' in result);
    if (failed && 'error' in failed)
      throw new Error(`Ably refused a message for ${failed.channel}: ${failed.error.message}`);
  }
}

/** Takes back every token this client was given until now, and ends its connections. */
export async function revokeRealtime(clientId: string): Promise<void> {
  const client = await ably();
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const targets = [{ type: 'clientId', value: clientId }];
  const { results } = await within(deadline, client.auth.revokeTokens(targets));
  const failed = results.find((result) => 'error' in result);
  if (failed && 'error' in failed)
    throw new Error(`Ably did not revoke the tokens of ${clientId}: ${failed.error.message}`);
}

let connecting: Promise<Rest> | undefined;

const ably = (): Promise<Rest> => (connecting ??= connect());

async function connect(): Promise<Rest> {
  const { default: Ably } = await import('ably');
  return new Ably.Rest({
    key: config().ABLY_API_KEY,
    httpRequestTimeout: DEADLINE_MS - 1_000,
    httpMaxRetryCount: 1,
    logLevel: 0,
    ...address(config().ABLY_ENDPOINT),
  });
}

function address(endpoint: string | undefined) {
  if (endpoint === undefined) return {};
  const { hostname, port, protocol } = new URL(endpoint);
  const tls = protocol === 'https:';
  const number = Number(port) || (tls ? 443 : 80);
  return { endpoint: hostname, port: number, tlsPort: number, tls, fallbackHosts: [] };
}

/** The name of the key, and its secret, which may itself hold colons. */
function keyParts(): [name: string, secret: string] {
  const key = config().ABLY_API_KEY;
  const colon = key.indexOf(':');
  return [key.slice(0, colon), key.slice(colon + 1)];
}

/**
 * The vendor's client has no deadline of its own that covers its retries, and its errors hold the
 * request with the key in it, so that only their text is kept.
 */
function within<Result>(deadline: AbortSignal, work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error('Ably did not answer in time'));
    if (deadline.aborted) return late();
    deadline.addEventListener('abort', late, { once: true });
    work.then(resolve, (reason: Error) => reject(new Error(`Ably failed: ${reason.message}`)));
  });
}
