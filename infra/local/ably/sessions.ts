import { randomBytes } from 'node:crypto';
import type { Channel } from './channels.ts';
import type { Connection } from './connection.ts';
import { Action, Parcel } from './wire.ts';

/** How long somebody whose socket broke is still shown as present, and may come back as the same. */
const GRACE_MS = 15_000;

/** What outlives a socket: who the connection is and where it is present. */
export class Session {
  readonly id = randomBytes(8).toString('base64url');
  readonly key = `local!${randomBytes(12).toString('base64url')}`;
  readonly clientId: string | undefined;
  readonly present = new Set<Channel>();
  grace: NodeJS.Timeout | undefined;

  constructor(clientId: string | undefined) {
    this.clientId = clientId;
  }

  leave(channel: Channel): void {
    this.present.delete(channel);
    const presence = channel.presence.drop(this.id);
    if (presence.length === 0) return;
    const timestamp = Date.now();
    channel.broadcastPresence(
      new Parcel({ action: Action.presence, channel: channel.name, timestamp, presence }),
    );
    channel.occupancyChanged();
  }
}

/** Every connection that is open, and those whose client may still return. */
export class Sessions {
  readonly #byKey = new Map<string, Session>();
  readonly #open = new Map<Session, Connection>();

  /** The session of this key if it is still known and the same client's, else a new one. */
  take(
    resume: string | undefined,
    clientId: string | undefined,
  ): { session: Session; lost: boolean } {
    const known = resume ? this.#byKey.get(resume) : undefined;
    if (!known || known.clientId !== clientId) {
      const session = new Session(clientId);
      this.#byKey.set(session.key, session);
      return { session, lost: resume !== undefined };
    }
    clearTimeout(known.grace);
    return { session: known, lost: false };
  }

  opened(connection: Connection): void {
    this.#open.set(connection.session, connection);
  }

  release(connection: Connection, forGood: boolean): void {
    const { session } = connection;
    if (this.#open.get(session) !== connection) return; // Its client is already back on another socket.
    this.#open.delete(session);
    const end = () => {
      this.#byKey.delete(session.key);
      for (const channel of [...session.present]) session.leave(channel);
    };
    if (forGood) return end();
    session.grace = setTimeout(end, GRACE_MS);
  }

  checkRevoked(): void {
    for (const connection of [...this.#open.values()]) connection.checkRevoked();
  }
}
