import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { channelName } from './attach.ts';
import type { Stored } from './channels.ts';
import type { House } from './connection.ts';
import { allows, type Grant } from './tokens.ts';
import { MAX_MESSAGE_BYTES, Refusal, WireMessage } from './wire.ts';

export interface Ask {
  readonly method: string;
  /** The decoded parts of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly body: unknown;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const Messages = z.union([
  z.array(WireMessage).min(1).max(1000),
  WireMessage.transform((one) => [one]),
]);
const oneOrMore = z.union([
  z.array(z.string()).min(1).max(100),
  z.string().transform((one) => [one]),
]);
const BatchSpec = z.object({ channels: oneOrMore, messages: Messages });
const Batch = z.union([z.array(BatchSpec).min(1).max(100), BatchSpec.transform((one) => [one])]);

/** Answers one REST call, or throws a Refusal. */
export function answer(ask: Ask, house: House): Reply {
  const { method, path } = ask;
  const [root, name = '', leaf, rest] = path;
  const route = `${method} ${root}${path.length > 1 ? '/*' : ''}${leaf ? `/${leaf}` : ''}${rest ? `/${rest}` : ''}`;
  switch (route) {
    case 'GET time':
      return { status: 200, body: [Date.now()] };
    case 'POST keys/*/requestToken':
      return { status: 201, body: house.tokens.request(name, ask.body, Date.now()) };
    case 'POST keys/*/revokeTokens':
      return revoke(ask, house, name);
    case 'POST channels/*/messages':
      return publish(ask, house, name);
    case 'GET channels/*/messages':
    case 'GET channels/*/history':
      return history(ask, house, name);
    case 'GET channels/*/presence':
      return presence(ask, house, name);
    case 'GET channels/*/presence/history':
      authorize(ask, house, name, 'history');
      return { status: 200, body: [] };
    case 'GET channels/*':
      return status(ask, house, name);
    case 'GET channels':
      return list(ask, house);
    case 'POST messages':
      return batchPublish(ask, house);
    case 'GET presence':
      return batchPresence(ask, house);
    default:
      throw new Refusal(40400, 404, `No such route: ${method} /${path.join('/')}`);
  }
}

function identify({ request, query }: Ask, { tokens }: House): Grant {
  const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ');
  const plain = Buffer.from(value, 'base64').toString('utf8');
  const claimed = request.headers['x-ably-clientid'];
  const clientId =
    typeof claimed === 'string' ? Buffer.from(claimed, 'base64').toString('utf8') : undefined;
  if (/^basic$/i.test(scheme)) return tokens.byKey(plain, clientId);
  if (/^bearer$/i.test(scheme)) return tokens.byToken(value.includes('.') ? value : plain);
  const key = query.get('key');
  if (key) return tokens.byKey(key);
  const token = query.get('access_token') ?? query.get('accessToken');
  if (token) return tokens.byToken(token);
  throw new Refusal(40101, 401, 'No authentication information provided');
}

function authorize(ask: Ask, house: House, written: string, operation: string): Grant {
  const grant = identify(ask, house);
  const { name } = channelName(written);
  if (!allows(grant, name, operation))
    throw new Refusal(40160, 401, `Channel denied access based on given capability: ${name}`);
  return grant;
}

function revoke(ask: Ask, house: House, keyName: string): Reply {
  const grant = identify(ask, house);
  if (grant.expiresAtMs !== Number.POSITIVE_INFINITY || keyName !== house.tokens.keyName)
    throw new Refusal(40162, 401, 'Only the key can revoke its tokens');
  const body = house.tokens.revoke(ask.body, Date.now());
  house.sessions.checkRevoked();
  return { status: 200, body };
}

function publish(ask: Ask, house: House, name: string): Reply {
  const grant = authorize(ask, house, name, 'publish');
  const { messageId, serials } = say(house, grant, name, readable(Messages, ask.body));
  return { status: 201, body: { channel: name, messageId, serials } };
}

function say(house: House, grant: Grant, written: string, messages: readonly WireMessage[]) {
  if (JSON.stringify(messages).length > MAX_MESSAGE_BYTES)
    throw new Refusal(40009, 400, 'Maximum message length exceeded');
  const own = grant.clientId === '*' ? undefined : grant.clientId;
  const isKey = grant.expiresAtMs === Number.POSITIVE_INFINITY;
  if (
    !isKey &&
    messages.some(({ clientId }) => clientId && grant.clientId !== '*' && clientId !== own)
  )
    throw new Refusal(40012, 400, 'Invalid clientId: it is not that of the token');
  const idBase = crypto.randomUUID();
  const { name } = channelName(written);
  const serials = house.channels.get(name).publish(messages, { clientId: own, idBase });
  return { messageId: messages[0]?.id ?? idBase, serials };
}

/** Each channel succeeds or fails by itself. */
function batchPublish(ask: Ask, house: House): Reply {
  const grant = identify(ask, house);
  const results = readable(Batch, ask.body).map(({ channels, messages }) => {
    const each = channels.map((channel) => {
      try {
        if (!allows(grant, channelName(channel).name, 'publish'))
          throw new Refusal(40160, 401, 'Channel denied access based on given capability');
        return { channel, ...say(house, grant, channel, messages) };
      } catch (error) {
        if (error instanceof Refusal) return { channel, error };
        throw error;
      }
    });
    return counted(each);
  });
  return { status: 201, body: results };
}

function counted<Result extends object>(results: readonly Result[]) {
  const failureCount = results.filter((result) => 'error' in result).length;
  return { successCount: results.length - failureCount, failureCount, results };
}

function history(ask: Ask, house: House, name: string): Reply {
  authorize(ask, house, name, 'history');
  const { query } = ask;
  const limit = Math.min(Number(query.get('limit') ?? 100) || 100, 1000);
  const start = Number(query.get('start') ?? 0);
  const end = Number(query.get('end') ?? Number.POSITIVE_INFINITY);
  const forwards = query.get('direction') === 'forwards';
  const after = Number(query.get('after') ?? (forwards ? 0 : Number.POSITIVE_INFINITY));
  const within = ({ timestamp, position }: Stored) =>
    timestamp >= start && timestamp <= end && (forwards ? position > after : position < after);
  const all = (house.channels.peek(channelName(name).name)?.history ?? []).filter(within);
  const page = forwards ? all.slice(0, limit) : all.slice(-limit).reverse();
  const links = [`<./messages?${query}>; rel="first"`];
  if (page.length < all.length) {
    const next = new URLSearchParams(query);
    next.set('after', String(page.at(-1)?.position));
    links.push(`<./messages?${next}>; rel="next"`);
  }
  return { status: 200, body: page.map(({ wire }) => wire), headers: { link: links.join(',') } };
}

function presence(ask: Ask, house: House, name: string): Reply {
  authorize(ask, house, name, 'subscribe');
  const members = house.channels.peek(channelName(name).name)?.presence.list() ?? [];
  const clientId = ask.query.get('clientId');
  const connectionId = ask.query.get('connectionId');
  const wanted = members.filter(
    (member) =>
      (!clientId || member.clientId === clientId) &&
      (!connectionId || member.connectionId === connectionId),
  );
  const limit = Math.min(Number(ask.query.get('limit') ?? 100) || 100, 1000);
  return { status: 200, body: wanted.slice(0, limit) };
}

function batchPresence(ask: Ask, house: House): Reply {
  const grant = identify(ask, house);
  const names = (ask.query.get('channels') ?? '').split(',').filter(Boolean).slice(0, 100);
  const results = names.map((channel) =>
    allows(grant, channel, 'subscribe')
      ? { channel, presence: house.channels.peek(channel)?.presence.list() ?? [] }
      : { channel, error: new Refusal(40160, 401, 'Channel denied access') },
  );
  return { status: 200, body: counted(results) };
}

function status(ask: Ask, house: House, written: string): Reply {
  authorize(ask, house, written, 'channel-metadata');
  const { name } = channelName(written);
  const channel = house.channels.peek(name);
  const isActive = channel !== undefined && !channel.idle;
  const metrics = channel?.metrics() ?? {
    connections: 0,
    publishers: 0,
    subscribers: 0,
    presenceConnections: 0,
    presenceMembers: 0,
    presenceSubscribers: 0,
  };
  return { status: 200, body: { channelId: name, status: { isActive, occupancy: { metrics } } } };
}

function list(ask: Ask, house: House): Reply {
  const grant = identify(ask, house);
  const prefix = ask.query.get('prefix') ?? '';
  const limit = Math.min(Number(ask.query.get('limit') ?? 100) || 100, 1000);
  const names = house.channels
    .names()
    .filter((name) => name.startsWith(prefix) && allows(grant, name, 'channel-metadata'))
    .slice(0, limit);
  const byId = ask.query.get('by') === 'id';
  return { status: 200, body: byId ? names : names.map((channelId) => ({ channelId })) };
}

function readable<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Refusal(
    40013,
    400,
    `Invalid message data or encoding: ${parsed.error.issues[0]?.message}`,
  );
}
