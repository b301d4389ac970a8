import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { after, seconds } from './clock.ts';
import { config } from './config.ts';

/** A publisher sends picture and sound; a subscriber only receives. */
export type AgoraRole = 'publisher' | 'subscriber';

/** The greatest id a person may have in a channel; 0 would mean anybody. */
export const MAX_UID = 2 ** 31 - 1;

const TOKEN_SECONDS = 3600;

interface Wish {
  readonly channel: string;
  /** Who it is for, 1 to `MAX_UID`. */
  readonly uid: number;
  readonly role: AgoraRole;
}

export interface AgoraToken {
  readonly token: string;
  readonly appId: string;
  readonly expiresAt: Date;
}

/** Signs a token for one person in one channel, for an hour, without asking Agora. */
export async function agoraToken({ channel, uid, role }: Wish, now: Date): Promise<AgoraToken> {
  if (!Number.isInteger(uid) || uid < 1 || uid > MAX_UID) throw new RangeError(`Not a uid: ${uid}`);
  const { AGORA_APP_ID: appId, AGORA_APP_CERTIFICATE: certificate } = config();
  const { default: agora } = await import('agora-token');
  const { PUBLISHER, SUBSCRIBER } = agora.RtcRole;
  const agoraRole = role === 'publisher' ? PUBLISHER : SUBSCRIBER;
  // Both ends are durations: a moment would be taken for some fifty years.
  const token = agora.RtcTokenBuilder.buildTokenWithUid(
    ...([appId, certificate, channel, uid, agoraRole] as const),
    ...([TOKEN_SECONDS, TOKEN_SECONDS] as const),
  );
  if (!token) throw new Error(`Agora's library made no token for ${channel}`);
  return { token, appId, expiresAt: after(now, seconds(TOKEN_SECONDS)) };
}

const Notice = z.object({
  noticeId: z.string().min(1).max(100),
  eventType: z.int(),
  payload: z.object({
    channelName: z.string(),
    uid: z.int().optional(),
    /** Seconds since 1970. */
    ts: z.number().optional(),
  }),
});

/** What has happened in a channel, in Agora's numbers. Others are not asked for. */
const OCCURRENCES: Readonly<Record<number, AgoraOccurrence>> = {
  101: 'channel_created',
  102: 'channel_destroyed',
  103: 'host_joined',
  104: 'host_left',
  105: 'audience_joined',
  106: 'audience_left',
};
export const AGORA_OCCURRENCES = [
  'channel_created',
  'channel_destroyed',
  'host_joined',
  'host_left',
  'audience_joined',
  'audience_left',
] as const;
type AgoraOccurrence = (typeof AGORA_OCCURRENCES)[number];

export interface AgoraNotice {
  readonly noticeId: string;
  readonly occurrence: AgoraOccurrence;
  readonly channel: string;
  readonly uid: number | undefined;
  readonly at: Date | undefined;
}

/**
 * Reads a notice whose signature is Agora's: hexadecimal HMAC-SHA256 over the raw body. False for
 * anybody else's; undefined for a notice of something else.
 */
export function readNotice(
  rawBody: Buffer,
  signature: string | undefined,
): AgoraNotice | undefined | false {
  const expected = createHmac('sha256', config().AGORA_WEBHOOK_SECRET).update(rawBody).digest();
  const given = Buffer.from(signature ?? '', 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false;
  const notice = Notice.safeParse(jsonIn(rawBody));
  const occurrence = notice.success && OCCURRENCES[notice.data.eventType];
  if (!notice.success || !occurrence) return undefined;
  const { noticeId, payload } = notice.data;
  const { channelName: channel, uid, ts } = payload;
  const at = ts === undefined ? undefined : new Date(Math.floor(ts * 1000));
  return { noticeId, occurrence, channel, uid, at };
}

function jsonIn(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
}
