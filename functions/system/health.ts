import { z } from 'zod';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Tell whether the service is up, and with deep=1 whether its database answers.',
  method: 'GET',
  path: '/api/health',
  access: 'public',
  rateLimit: perAddress(600, 'minute'),
  query: z.object({ deep: z.enum(['0', '1']).default('0') }),
  output: z.object({
    status: z.literal('ok'),
    time: z.iso.datetime(),
    databaseMs: z.int().optional(),
  }),
  database: false,

  handler: async ({ query, now }) => ({
    status: 'ok' as const,
    time: now.toISOString(),
    ...(query.deep === '1' && { databaseMs: await databaseMs() }),
  }),
});

/** Loaded when asked for: without it this function starts in half the time. */
const databaseMs = async (): Promise<number> =>
  (await import('#platform/database.ts')).pingDatabase();
