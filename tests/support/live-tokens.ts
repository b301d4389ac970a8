import reading from 'agora-token/src/AccessToken2.js';
import jwt from 'jsonwebtoken';

/** What a token of the video provider says, read by the provider's own library. */
export function readToken(token: string) {
  const [app, certificate] = [
    process.env['AGORA_APP_ID'] ?? '',
    process.env['AGORA_APP_CERTIFICATE'] ?? '',
  ];
  const read = new reading.AccessToken2(app, certificate, 0, 0);
  const understood = read.from_string(token);
  const [rtc] = read.getServices(1);
  return {
    genuine: understood && read.verifySignature(certificate),
    channel: String(rtc?.__channel_name),
    uid: Number(String(rtc?.__uid)),
    /** 1 join, 2 sound, 3 picture, 4 data. */
    privileges: Object.keys(rtc?.__privileges ?? {}).map(Number),
  };
}

/** What a realtime token lets its holder do, by channel. */
export function rights(token: unknown): Readonly<Record<string, readonly string[]>> {
  const claims = jwt.decode(String(token)) as Readonly<Record<string, string>>;
  return JSON.parse(claims['x-ably-capability'] ?? '{}') as Record<string, string[]>;
}
