import { type ClientOptions, type ConnectionState, Realtime, Rest } from 'ably';
import jwt from 'jsonwebtoken';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { startAbly } from '#local/ably/engine.ts';
import type { Engine } from '#local/engine.ts';
import { aPlace, until } from '../../support/place.ts';

interface Wish {
  readonly clientId?: string;
  readonly can?: Record<string, string[]>;
  readonly seconds?: number;
  readonly secret?: string;
}

/** The stand-in, running for one test file, and the vendor's own clients of it. */
export function anAbly() {
  const place = aPlace();
  const open: Realtime[] = [];
  let engine: Engine;
  let key = '';

  beforeAll(async () => {
    engine = await startAbly(place);
    key = engine.env['ABLY_API_KEY'] ?? '';
  });
  afterEach(() => {
    for (const client of open.splice(0)) client.close();
  });
  afterAll(async () => {
    await engine.stop();
    place.remove();
  });

  const where = () => ({
    endpoint: '127.0.0.1',
    port: Number(new URL(engine.address).port),
    tls: false,
    fallbackHosts: [],
    disableConnectivityCheck: true,
    logLevel: 0 as const,
  });

  return {
    address: () => engine.address,
    /** Holds the key unless it is given a token. */
    rest: (options: ClientOptions = {}) =>
      new Rest({ ...where(), ...(options.token ? {} : { key }), ...options }),
    realtime: (options: ClientOptions) => {
      const client = new Realtime({ ...where(), ...options });
      open.push(client);
      return client;
    },
    reached: (client: Realtime, state: ConnectionState) =>
      until(() => client.connection.state === state && client.connection),
    token: ({ clientId, can = { '*': ['*'] }, seconds = 600, secret }: Wish = {}): string => {
      const [name = '', ownSecret = ''] = key.split(':');
      const iat = Math.floor(Date.now() / 1000) - 10;
      const claims = {
        iat,
        exp: iat + 10 + seconds,
        'x-ably-capability': JSON.stringify(can),
        ...(clientId ? { 'x-ably-clientId': clientId } : {}),
      };
      return jwt.sign(claims, secret ?? ownSecret, { algorithm: 'HS256', keyid: name });
    },
  };
}
