import { createHmac } from 'node:crypto';
import reading from 'agora-token/src/AccessToken2.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { agoraToken, readNotice } from '#platform/agora.ts';
import { hours } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { completeEnvironment } from '../support/place.ts';

beforeAll(() => {
  Object.assign(process.env, completeEnvironment);
});

const now = new Date('2026-11-25T12:00:00Z');
const CHANNEL = 'live_0123456789abcdef01234567';

function readBack(token: string) {
  const { AGORA_APP_ID: app, AGORA_APP_CERTIFICATE: certificate } = config();
  const read = new reading.AccessToken2(app, certificate, 0, 0);
  const understood = read.from_string(token);
  const [rtc] = read.getServices(1);
  return { read, rtc, genuine: understood && read.verifySignature(certificate) };
}

describe('agoraToken', () => {
  test('lets a publisher send for an hour, in one channel, as one person', async () => {
    const { token, appId, expiresAt } = await agoraToken(
      { channel: CHANNEL, uid: 7, role: 'publisher' },
      now,
    );

    const { read, rtc, genuine } = readBack(token);
    expect(genuine).toBe(true);
    expect(read.appId.toString()).toBe(appId);
    expect(read.expire).toBe(3600);
    expect([rtc?.__channel_name, rtc?.__uid].map(String)).toEqual([CHANNEL, '7']);
    expect(rtc?.__privileges).toEqual({ 1: 3600, 2: 3600, 3: 3600, 4: 3600 });
    expect(expiresAt.getTime() - now.getTime()).toBe(hours(1));
  });

  test('lets a subscriber join and nothing else', async () => {
    const { token } = await agoraToken({ channel: CHANNEL, uid: 8, role: 'subscriber' }, now);

    expect(readBack(token).rtc?.__privileges).toEqual({ 1: 3600 });
  });

  test.each([0, -1, 1.5, 2 ** 31])('makes no token for uid %s', async (uid) => {
    const made = agoraToken({ channel: CHANNEL, uid, role: 'subscriber' }, now);

    await expect(made).rejects.toBeInstanceOf(RangeError);
  });
});

describe('readNotice', () => {
  const signed = (body: string) => {
    const raw = Buffer.from(body);
    const secret = config().AGORA_WEBHOOK_SECRET;
    return readNotice(raw, createHmac('sha256', secret).update(raw).digest('hex'));
  };
  const notice = (eventType: number, payload: object) =>
    JSON.stringify({ noticeId: 'n1', productId: 1, eventType, notifyMs: 1, payload });

  test('understands who has come', () => {
    const read = signed(notice(103, { channelName: CHANNEL, uid: 7, ts: 1_700_000_000 }));

    expect(read).toEqual({
      noticeId: 'n1',
      occurrence: 'host_joined',
      channel: CHANNEL,
      uid: 7,
      at: new Date(1_700_000_000_000),
    });
  });

  test.each([
    ['an occurrence nobody asked for', notice(111, { channelName: CHANNEL })],
    ['no JSON', 'hello'],
    ['another shape', '{"noticeId": 5}'],
  ])('passes over %s', (_, body) => {
    expect(signed(body)).toBeUndefined();
  });

  test.each([undefined, '', 'abc', 'f'.repeat(64)])('does not believe the signature %s', (sent) => {
    expect(readNotice(Buffer.from('{}'), sent)).toBe(false);
  });
});
