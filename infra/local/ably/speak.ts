import { channelName, grantedModes } from './attach.ts';
import type { Channels } from './channels.ts';
import { LEAVE } from './presence.ts';
import type { Session } from './sessions.ts';
import type { Grant } from './tokens.ts';
import { Action, Flag, type Inbound, MAX_MESSAGE_BYTES, Parcel, Refusal } from './wire.ts';

interface Speaker {
  readonly grant: Grant;
  readonly session: Session;
}

/** Publishes the messages of a frame if its sender may, and returns their serials. */
export function publish(
  { grant, session }: Speaker,
  channels: Channels,
  { channel: written, messages, msgSerial }: Inbound,
): string[] {
  const { name } = channelName(written ?? '');
  grantedModes(grant, name, Flag.publish);
  if (JSON.stringify(messages ?? []).length > MAX_MESSAGE_BYTES)
    throw new Refusal(40009, 400, 'Maximum message length exceeded');
  for (const message of messages ?? []) checkClientId(grant, message.clientId);
  return channels.get(name).publish(messages ?? [], {
    clientId: ownClientId(grant),
    connectionId: session.id,
    idBase: `${session.id}:${msgSerial ?? 0}`,
  });
}

/** Enters, updates or leaves for the clients of a frame, and tells the channel. */
export function announce(
  { grant, session }: Speaker,
  channels: Channels,
  { channel: written, presence: wires, msgSerial }: Inbound,
): string[] {
  const { name } = channelName(written ?? '');
  grantedModes(grant, name, Flag.presence);
  const channel = channels.get(name);
  for (const { clientId } of wires ?? []) {
    checkClientId(grant, clientId);
    if (!clientId && !ownClientId(grant))
      throw new Refusal(40012, 400, 'Presence needs a clientId');
  }
  const presence = (wires ?? []).map((wire, index) => {
    const clientId = wire.clientId ?? ownClientId(grant) ?? '';
    if (wire.action !== LEAVE) session.present.add(channel);
    return channel.presence.apply(
      wire,
      clientId,
      session.id,
      `${session.id}:${msgSerial ?? 0}:${index}`,
    );
  });
  const timestamp = Date.now();
  channel.broadcastPresence(
    new Parcel({ action: Action.presence, channel: name, timestamp, presence }),
  );
  channel.occupancyChanged();
  return [];
}

/** A client with an identity of its own speaks for nobody else. */
function checkClientId(grant: Grant, claimed: string | null | undefined): void {
  if (!claimed || grant.clientId === '*' || claimed === grant.clientId) return;
  // Whoever holds the key itself may speak for anybody.
  if (!grant.clientId && grant.expiresAtMs === Number.POSITIVE_INFINITY) return;
  throw new Refusal(40012, 400, 'Invalid clientId: it is not that of the connection');
}

const ownClientId = ({ clientId }: Grant): string | undefined =>
  clientId === '*' ? undefined : clientId;
