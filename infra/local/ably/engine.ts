import { join } from 'node:path';
import { keptSecret } from '#local/secret.ts';
import { startChild } from '#local/stand-in.ts';
import type { StartEngine } from '../engine.ts';

/** Starts the realtime stand-in: what the vendor's own clients need, in a process of its own. */
export const startAbly: StartEngine = async (place) => {
  const key = `local.mixillo:${keptSecret(place.dataDir, 'ably-key')}`;
  return startChild({
    name: 'ably',
    version: 'stand-in for Ably, protocol 6',
    entry: join(import.meta.dirname, 'server.ts'),
    place,
    settings: { key },
    describe: ({ port }) => {
      const address = `http://127.0.0.1:${port}`;
      return { address, env: { ABLY_API_KEY: key, ABLY_ENDPOINT: address } };
    },
  });
};
