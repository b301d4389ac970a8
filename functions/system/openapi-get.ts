import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

/** Made from the declarations, and bundled beside the functions. */
const DOCUMENT = new URL('../../docs/openapi.json', import.meta.url);

export default endpoint({
  summary: 'Describe the whole API as an OpenAPI 3.1 document.',
  method: 'GET',
  path: '/api/openapi.json',
  access: 'public',
  rateLimit: perAddress(60, 'minute'),
  output: z.looseObject({ openapi: z.string() }),
  database: false,
  cache: 'public, max-age=300',

  handler: async () => JSON.parse(await readFile(DOCUMENT, 'utf8')),
});
