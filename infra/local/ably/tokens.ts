import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { Refusal } from './wire.ts';

/** Channel patterns and what may be done on them. */
export type Capability = Readonly<Record<string, readonly string[]>>;

/** What a caller has shown it may do. */
export interface Grant {
  readonly clientId?: string;
  readonly capability: Capability;
  readonly issuedAtMs: number;
  /** Infinity for a caller that holds the key itself. */
  readonly expiresAtMs: number;
  readonly revocationKey?: string;
}

const DAY_MS = 86_400_000;
const EVERYTHING: Capability = { '[*]*': ['*'] };

const Capabilities = z.record(z.string(), z.array(z.string()));
const Claims = z.object({
  iat: z.number(),
  exp: z.number(),
  'x-ably-capability': z.string().default('{"*":["*"]}'),
  'x-ably-clientId': z.string().optional(),
  'x-ably-revocation-key': z.string().optional(),
});
const TokenRequest = z.object({
  keyName: z.string(),
  ttl: z.coerce.number().int().positive().max(DAY_MS).optional(),
  capability: z.string().optional(),
  clientId: z.string().optional(),
  timestamp: z.number(),
  nonce: z.string().min(1),
  mac: z.string(),
});
const Revocation = z.object({
  targets: z.array(z.string()).min(1).max(100),
  issuedBefore: z.number().optional(),
  allowReauthMargin: z.boolean().optional(),
});

/** Knows the one key of this account, the tokens made with it and those taken back. */
export class Tokens {
  readonly keyName: string;
  readonly #secret: string;
  readonly #revoked = new Map<string, number>();
  readonly #nonces = new Map<string, number>();

  constructor(key: string) {
    const [name = '', ...rest] = key.split(':');
    this.keyName = name;
    this.#secret = rest.join(':');
  }

  byKey(key: string, clientId?: string): Grant {
    const expected = Buffer.from(`${this.keyName}:${this.#secret}`);
    const given = Buffer.from(key);
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Refusal(40101, 401, 'Invalid credentials');
    return {
      ...(clientId ? { clientId } : {}),
      capability: EVERYTHING,
      issuedAtMs: Date.now(),
      expiresAtMs: Number.POSITIVE_INFINITY,
    };
  }

  /** Refuses with 40142 what has expired, 40141 what was revoked and 40101 what was never ours. */
  byToken(token: string): Grant {
    const claims = this.#claims(token);
    const grant: Grant = {
      capability: parseCapability(claims['x-ably-capability']),
      issuedAtMs: claims.iat * 1000,
      expiresAtMs: claims.exp * 1000,
      ...(claims['x-ably-clientId'] ? { clientId: claims['x-ably-clientId'] } : {}),
      ...(claims['x-ably-revocation-key']
        ? { revocationKey: claims['x-ably-revocation-key'] }
        : {}),
    };
    if (grant.expiresAtMs - grant.issuedAtMs > DAY_MS)
      throw new Refusal(40003, 400, 'The token lives for more than 24 hours');
    if (grant.expiresAtMs <= Date.now()) throw expired();
    if (this.isRevoked(grant)) throw revoked();
    return grant;
  }

  #claims(token: string) {
    try {
      const { header, payload } = jwt.verify(token, this.#secret, {
        algorithms: ['HS256'],
        complete: true,
        ignoreExpiration: true,
      });
      if (header.kid !== this.keyName) throw new Error('another key');
      return Claims.parse(payload);
    } catch (cause) {
      throw Object.assign(new Refusal(40101, 401, 'Invalid access token'), { cause });
    }
  }

  /** Exchanges a request signed with the key for a token. */
  request(keyName: string, body: unknown, now: number) {
    const asked = TokenRequest.safeParse(body);
    if (!asked.success || keyName !== this.keyName || asked.data.keyName !== keyName)
      throw new Refusal(40101, 401, 'Invalid token request');
    const { ttl, capability, clientId, timestamp, nonce, mac } = asked.data;
    const signed = [keyName, ttl ?? '', capability ?? '', clientId ?? '', timestamp, nonce, ''];
    const expected = createHmac('sha256', this.#secret).update(signed.join('\n')).digest();
    const given = Buffer.from(mac, 'base64');
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new Refusal(40101, 401, 'Invalid mac');
    if (Math.abs(now - timestamp) > 120_000) throw new Refusal(40104, 401, 'Timestamp not current');
    if (this.#nonces.has(nonce)) throw new Refusal(40105, 401, 'Nonce already used');
    this.#nonces.set(nonce, now);
    for (const [old, at] of this.#nonces) if (now - at > 300_000) this.#nonces.delete(old);
    const granted = capability ?? JSON.stringify({ '*': ['*'] });
    parseCapability(granted);
    return this.#details(granted, clientId, ttl ?? 3_600_000, now);
  }

  #details(capability: string, clientId: string | undefined, ttl: number, now: number) {
    const claims = {
      jti: randomUUID(),
      iat: now / 1000,
      exp: (now + ttl) / 1000,
      'x-ably-capability': capability,
      ...(clientId ? { 'x-ably-clientId': clientId } : {}),
    };
    const token = jwt.sign(claims, this.#secret, { algorithm: 'HS256', keyid: this.keyName });
    return {
      token,
      keyName: this.keyName,
      issued: now,
      expires: now + ttl,
      capability,
      ...(clientId ? { clientId } : {}),
    };
  }

  /** Takes back every token of the targets (`clientId:…`, `revocationKey:…`) issued until now. */
  revoke(body: unknown, now: number) {
    const asked = Revocation.safeParse(body);
    if (!asked.success) throw new Refusal(40000, 400, 'Invalid revocation');
    const issuedBefore = asked.data.issuedBefore ?? now;
    const results = asked.data.targets.map((target) => {
      if (!/^(clientId|revocationKey):./.test(target))
        return { target, error: new Refusal(40000, 400, 'Unknown kind of target') };
      this.#revoked.set(target, Math.max(issuedBefore, this.#revoked.get(target) ?? 0));
      return { target, issuedBefore, appliesAt: now };
    });
    const failureCount = results.filter((result) => 'error' in result).length;
    return { successCount: results.length - failureCount, failureCount, results };
  }

  isRevoked({ clientId, revocationKey, issuedAtMs, expiresAtMs }: Grant): boolean {
    if (expiresAtMs === Number.POSITIVE_INFINITY) return false;
    const before = Math.max(
      this.#revoked.get(`clientId:${clientId}`) ?? 0,
      this.#revoked.get(`revocationKey:${revocationKey}`) ?? 0,
    );
    return issuedAtMs <= before;
  }
}

export const expired = () => new Refusal(40142, 401, 'Token expired');
export const revoked = () => new Refusal(40141, 401, 'Token revoked');

function parseCapability(written: string): Capability {
  try {
    return Capabilities.parse(JSON.parse(written));
  } catch (cause) {
    throw Object.assign(new Refusal(40101, 401, 'Invalid capability'), { cause });
  }
}

/** Whether a caller may do this on this channel. `*` stands for one segment, at the end for the rest. */
export const allows = ({ capability }: Grant, channel: string, operation: string): boolean =>
  Object.entries(capability).some(
    ([pattern, operations]) =>
      (operations.includes('*') || operations.includes(operation)) && covers(pattern, channel),
  );

function covers(pattern: string, channel: string): boolean {
  if (pattern === '[*]*') return true;
  if (channel.startsWith('[meta]') !== pattern.startsWith('[meta]')) return false;
  const wanted = pattern.split(':');
  const given = channel.split(':');
  if (wanted.length > given.length) return false;
  if (wanted.length < given.length && wanted.at(-1) !== '*') return false;
  return wanted.every((segment, index) => segment === '*' || segment === given[index]);
}
