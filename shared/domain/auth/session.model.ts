import {
  collection,
  date,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export interface Device {
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
  readonly appVersion?: string | undefined;
  readonly pushToken?: string | undefined;
  readonly locale?: string | undefined;
}

/** One sign-in on one device, and the family of refresh tokens that follow from it. */
export interface Session {
  readonly _id: Id<'session'>;
  readonly user: Id<'user'>;
  /** A digest of the one refresh token that is good; every earlier one of the family is a theft. */
  readonly tokenHash: string;
  /** The account's version when this was opened or confirmed; with another one the session is void. */
  readonly tokenVersion: number;
  readonly device: Device;
  /** A digest of what the device says it is, for noticing a new one. */
  readonly deviceMark: string;
  /** The network the session came from, without its last part. */
  readonly network: string;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly reason?: string;
}

export const Sessions = collection<Session>('Session', {
  fields: {
    user: requiredRef('User'),
    tokenHash: requiredText,
    tokenVersion: requiredWhole,
    device: {
      type: part({
        name: text,
        platform: text,
        appVersion: text,
        pushToken: text,
        locale: text,
      }),
      default: () => ({}),
    },
    deviceMark: requiredText,
    network: requiredText,
    lastSeenAt: requiredDate,
    expiresAt: requiredDate,
    revokedAt: { ...date, default: null },
    reason: text,
  },
  indexes: [
    [{ tokenHash: 1 }, { unique: true }], // no two sessions share a token
    [{ user: 1, revokedAt: 1, lastSeenAt: -1, _id: -1 }], // sessionsOf, pushTokensOf, endSessions
    [{ user: 1, deviceMark: 1 }], // isNewDevice
    [
      { 'device.pushToken': 1 },
      { partialFilterExpression: { 'device.pushToken': { $exists: true } } },
    ], // forgetPushToken
    [{ expiresAt: 1 }, { expireAfterSeconds: 30 * 86_400 }],
  ],
  personalData: { owner: ['user'], hidden: ['tokenHash', 'tokenVersion'], erase: 'delete' },
});
