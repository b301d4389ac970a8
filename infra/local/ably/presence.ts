import type { WirePresence } from './wire.ts';

export const PRESENT = 1;
export const ENTER = 2;
export const LEAVE = 3;
export const UPDATE = 4;

export interface Member {
  readonly id: string;
  readonly clientId: string;
  readonly connectionId: string;
  readonly timestamp: number;
  readonly data?: unknown;
  readonly encoding?: string;
  readonly extras?: unknown;
}

/** A presence message as it is sent to others. */
export type PresenceEvent = Member & { readonly action: number };

/** Who is on a channel: one member for each client of each connection. */
export class Presence {
  readonly #members = new Map<string, Member>();

  get size(): number {
    return this.#members.size;
  }

  /** Applies what a connection says about one of its clients and returns what the others hear. */
  apply(wire: WirePresence, clientId: string, connectionId: string, id: string): PresenceEvent {
    const member: Member = {
      id,
      clientId,
      connectionId,
      timestamp: Date.now(),
      ...(wire.data === undefined || wire.data === null ? {} : { data: wire.data }),
      ...(wire.encoding ? { encoding: wire.encoding } : {}),
      ...(wire.extras ? { extras: wire.extras } : {}),
    };
    const key = `${connectionId}:${clientId}`;
    if (wire.action === LEAVE) {
      this.#members.delete(key);
      return { ...member, action: LEAVE };
    }
    const action = this.#members.has(key) ? UPDATE : ENTER;
    this.#members.set(key, member);
    return { ...member, action };
  }

  /** Removes every member of a connection that is gone. */
  drop(connectionId: string): PresenceEvent[] {
    const gone = [...this.#members].filter(([, member]) => member.connectionId === connectionId);
    for (const [key] of gone) this.#members.delete(key);
    const timestamp = Date.now();
    // A leave nobody sent: clients order it by time, which they do when the id is not of that connection.
    return gone.map(([, member]) => ({
      ...member,
      id: `gone:${member.id}`,
      timestamp,
      action: LEAVE,
    }));
  }

  list(): PresenceEvent[] {
    return [...this.#members.values()].map((member) => ({ ...member, action: PRESENT }));
  }
}
