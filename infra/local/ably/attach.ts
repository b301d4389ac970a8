import type { Channel, Stored } from './channels.ts';
import { allows, type Grant } from './tokens.ts';
import { Action, Flag, type Inbound, MODES, Parcel, Refusal } from './wire.ts';

/** The channel a client means: `[?rewind=1]content:7` is `content:7` with a parameter. */
export function channelName(written: string): { name: string; params: Record<string, string> } {
  const [, qualifier, name] = /^\[([^\]]*)\](.+)$/.exec(written) ?? [];
  if (name === undefined || qualifier === undefined || qualifier === 'meta')
    return { name: written, params: {} };
  const query = qualifier.split('?')[1] ?? '';
  return { name, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** The modes a caller gets: what it asked for, or everything, as far as it may. */
export function grantedModes(grant: Grant, name: string, asked: number): number {
  const may =
    (allows(grant, name, 'subscribe') ? Flag.subscribe | Flag.presenceSubscribe : 0) |
    (allows(grant, name, 'publish') ? Flag.publish : 0) |
    (allows(grant, name, 'presence') ? Flag.presence : 0);
  const modes = may & (asked & MODES || MODES);
  if (modes === 0)
    throw new Refusal(40160, 401, `Channel denied access based on given capability: ${name}`);
  return modes;
}

/** What a listener gets on attaching: continuity since its serial, else the tail it asked for. */
export function backlog(
  channel: Channel,
  { channelSerial, params }: Pick<Inbound, 'channelSerial' | 'params'>,
): { messages: readonly Stored[]; resumed: boolean } {
  const missed = channelSerial ? channel.after(channelSerial) : undefined;
  if (missed) return { messages: missed, resumed: true };
  const rewind = params?.['rewind'];
  return { messages: rewind ? channel.rewind(rewind) : [], resumed: false };
}

/** The answers to an attach, in the order in which clients expect them. */
export function attachReplies(
  channel: Channel,
  written: string,
  modes: number,
  params: Record<string, string>,
  { messages, resumed }: ReturnType<typeof backlog>,
): Parcel[] {
  const hears = (modes & Flag.subscribe) !== 0 && messages.length > 0;
  const flags =
    modes |
    (resumed ? Flag.resumed : 0) |
    (hears ? Flag.hasBacklog : 0) |
    (channel.presence.size > 0 ? Flag.hasPresence : 0);
  // A client keeps the serial as the place to continue from, so it names what comes before the backlog.
  const first = messages[0];
  const epoch = channel.serial.split(':')[0];
  const channelSerial = hears && first ? `${epoch}:${first.position - 1}` : channel.serial;
  const replies = [
    new Parcel({ action: Action.attached, channel: written, channelSerial, flags, params }),
  ];
  if (channel.presence.size > 0) replies.push(syncParcel(channel, written));
  if (hears) replies.push(renamed(channel.parcel(messages), written));
  if (params['occupancy'] && modes & Flag.subscribe)
    replies.push(renamed(channel.occupancy(), written));
  return replies;
}

/** Everybody who is present, in one page: nothing after the colon says that it is the last. */
export const syncParcel = (channel: Channel, written: string): Parcel =>
  new Parcel({
    action: Action.sync,
    channel: written,
    channelSerial: `${channel.serial.replace(':', '-')}:`,
    timestamp: Date.now(),
    presence: channel.presence.list(),
  });

/** A client knows a channel by the name it wrote, qualifier included. */
export const renamed = (parcel: Parcel, written: string): Parcel =>
  parcel.frame['channel'] === written ? parcel : new Parcel({ ...parcel.frame, channel: written });
