import type { WebSocket } from 'ws';
import {
  attachReplies,
  backlog,
  channelName,
  grantedModes,
  renamed,
  syncParcel,
} from './attach.ts';
import type { Channel, Channels, Listener } from './channels.ts';
import type { Session, Sessions } from './sessions.ts';
import { announce, publish } from './speak.ts';
import { expired, type Grant, revoked, type Tokens } from './tokens.ts';
import {
  Action,
  decode,
  type Format,
  Inbound,
  MAX_MESSAGE_BYTES,
  type Outbound,
  Parcel,
  Refusal,
} from './wire.ts';

const IDLE_MS = 15_000;
const HEARTBEAT_MS = 7_000;
const RENEW_BEFORE_MS = 30_000;
/** A client that reads nothing is dropped before it costs memory. */
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;

export interface House {
  readonly tokens: Tokens;
  readonly channels: Channels;
  readonly sessions: Sessions;
}

export interface Terms {
  readonly format: Format;
  readonly echo: boolean;
  /** Heartbeats as frames, for clients that cannot see the socket's own pings. */
  readonly heartbeats: boolean;
}

interface Attachment {
  readonly channel: Channel;
  readonly written: string;
  readonly listener: Listener;
}

/** One socket, from the first frame to the last. */
export class Connection {
  readonly session: Session;
  grant: Grant;
  readonly #socket: WebSocket;
  readonly #house: House;
  readonly #terms: Terms;
  readonly #attached = new Map<string, Attachment>();
  readonly #heartbeat: NodeJS.Timeout;
  #renewal: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #open = true;

  constructor(socket: WebSocket, house: House, terms: Terms, grant: Grant, session: Session) {
    this.#socket = socket;
    this.#house = house;
    this.#terms = terms;
    this.grant = grant;
    this.session = session;
    socket.on('message', (bytes: Buffer) => this.#receive(bytes));
    socket.on('close', () => this.#closed(false));
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#watchToken();
  }

  /** Says who the caller is now; also the answer to a new token. */
  welcome(error?: Refusal): void {
    const { clientId } = this.grant;
    this.#send({
      action: Action.connected,
      connectionId: this.session.id,
      connectionDetails: {
        ...(clientId ? { clientId } : {}),
        connectionKey: this.session.key,
        maxMessageSize: MAX_MESSAGE_BYTES,
        maxFrameSize: 4 * MAX_MESSAGE_BYTES,
        maxInboundRate: 1000,
        connectionStateTtl: 120_000,
        maxIdleInterval: IDLE_MS,
        serverId: 'local',
      },
      ...(error ? { error } : {}),
    });
  }

  /** Ends the socket with a reason; the client may come back with a better token. */
  disconnect(error: Refusal): void {
    this.#send({ action: Action.disconnected, error });
    this.#socket.close();
    this.#closed(false);
  }

  send(parcel: Parcel): void {
    if (!this.#open) return;
    if (this.#socket.bufferedAmount > MAX_BUFFERED_BYTES) return this.#socket.terminate();
    const bytes = parcel.bytes(this.#terms.format);
    this.#socket.send(bytes, { binary: typeof bytes !== 'string' });
  }

  #send(frame: Outbound): void {
    this.send(new Parcel(frame));
  }

  #receive(bytes: Buffer): void {
    if (!this.#open) return;
    const frame = this.#parse(bytes);
    if (!frame) return this.#fail(new Refusal(40000, 400, 'Invalid frame'));
    try {
      this.#answer(frame);
    } catch (error) {
      this.#refuse(frame, error);
    }
  }

  #parse(bytes: Buffer): Inbound | undefined {
    try {
      return Inbound.parse(decode(bytes, this.#terms.format));
    } catch {
      return undefined; // Whatever it was, it was no frame; the caller is told so.
    }
  }

  #refuse({ action, channel, msgSerial }: Inbound, reason: unknown): void {
    const error = reason instanceof Refusal ? reason : new Refusal(50000, 500, 'Internal error');
    if (reason !== error) console.error(reason);
    if (action === Action.message || action === Action.presence)
      return this.#send({ action: Action.nack, msgSerial: msgSerial ?? 0, count: 1, error });
    if (action === Action.auth) return this.#fail(error);
    this.#send({ action: Action.error, ...(channel ? { channel } : {}), error });
  }

  #fail(error: Refusal): void {
    if (error.code >= 40140 && error.code < 40150) return this.disconnect(error);
    this.#send({ action: Action.error, error });
    this.#socket.close();
    this.#closed(true);
  }

  #answer(frame: Inbound): void {
    switch (frame.action) {
      case Action.heartbeat:
        return this.#send({ action: Action.heartbeat, ...(frame.id ? { id: frame.id } : {}) });
      case Action.attach:
        return this.#attach(frame);
      case Action.detach:
        return this.#detach(frame);
      case Action.message:
        return this.#acknowledge(frame, publish(this, this.#house.channels, frame));
      case Action.presence:
        return this.#acknowledge(frame, announce(this, this.#house.channels, frame));
      case Action.sync:
        return this.#sync(frame);
      case Action.auth:
        return this.#authenticate(frame.auth?.accessToken ?? '');
      case Action.disconnect:
        return this.#socket.close();
      case Action.close:
        this.#send({ action: Action.closed });
        this.#socket.close();
        return this.#closed(true);
      default: // A newer client may know frames that we do not.
    }
  }

  #attach(frame: Inbound): void {
    const written = frame.channel ?? '';
    const { name, params: qualified } = channelName(written);
    const modes = grantedModes(this.grant, name, frame.flags ?? 0);
    const channel = this.#house.channels.get(name);
    const params = { ...qualified, ...frame.params };
    this.#leaveListener(written);
    const tail = backlog(channel, { channelSerial: frame.channelSerial, params });
    const replies = attachReplies(channel, written, modes, params, tail);
    const listener: Listener = {
      connectionId: this.session.id,
      modes,
      wantsOccupancy: params['occupancy'] !== undefined,
      echo: this.#terms.echo,
      send: (parcel) => this.send(renamed(parcel, written)),
    };
    this.#attached.set(written, { channel, written, listener });
    channel.listeners.set(`${this.session.id} ${written}`, listener);
    for (const reply of replies) this.send(reply);
    channel.occupancyChanged();
  }

  #detach({ channel: written }: Inbound): void {
    const attachment = this.#attached.get(written ?? '');
    if (attachment) {
      this.#leaveListener(attachment.written);
      this.session.leave(attachment.channel);
    }
    this.#send({ action: Action.detached, channel: written });
  }

  #leaveListener(written: string): void {
    const attachment = this.#attached.get(written);
    if (!attachment) return;
    this.#attached.delete(written);
    const key = `${this.session.id} ${written}`;
    const { listeners } = attachment.channel;
    // A client that came back on another socket has already put its new listener there.
    if (listeners.get(key) === attachment.listener) listeners.delete(key);
    attachment.channel.occupancyChanged();
  }

  #acknowledge({ msgSerial }: Inbound, serials: readonly string[]): void {
    this.#send({ action: Action.ack, msgSerial: msgSerial ?? 0, count: 1, res: [{ serials }] });
  }

  #sync({ channel: written }: Inbound): void {
    const attachment = this.#attached.get(written ?? '');
    if (attachment) this.send(syncParcel(attachment.channel, attachment.written));
  }

  #authenticate(token: string): void {
    const grant = this.#house.tokens.byToken(token);
    if (grant.clientId !== this.grant.clientId)
      throw new Refusal(40102, 401, 'The new token has another clientId');
    this.grant = grant;
    this.#watchToken();
    for (const { channel, written, listener } of [...this.#attached.values()]) {
      try {
        listener.modes = grantedModes(grant, channel.name, listener.modes);
      } catch (error) {
        this.#leaveListener(written);
        this.#send({ action: Action.error, channel: written, error });
      }
    }
    this.welcome();
  }

  /** Ends the connection if its token was taken back. */
  checkRevoked(): void {
    if (this.#house.tokens.isRevoked(this.grant)) this.disconnect(revoked());
  }

  #watchToken(): void {
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    const left = this.grant.expiresAtMs - Date.now();
    if (left === Number.POSITIVE_INFINITY) return;
    this.#renewal = setTimeout(
      () => this.#send({ action: Action.auth }),
      Math.max(left - RENEW_BEFORE_MS, left / 2),
    );
    this.#expiry = setTimeout(() => this.disconnect(expired()), left);
  }

  #beat(): void {
    if (this.#terms.heartbeats) this.#send({ action: Action.heartbeat });
    else if (this.#open) this.#socket.ping();
  }

  #closed(forGood: boolean): void {
    if (!this.#open) return;
    this.#open = false;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#renewal);
    clearTimeout(this.#expiry);
    for (const written of [...this.#attached.keys()]) this.#leaveListener(written);
    this.#house.sessions.release(this, forGood);
  }
}
