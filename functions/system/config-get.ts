import { z } from 'zod';
import { clientConfig } from '#domain/system/client-config.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perAddress } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Tell a client the limits, lists and versions it has to know.',
  method: 'GET',
  path: '/api/config',
  access: 'public',
  rateLimit: perAddress(120, 'minute'),
  output: z.object({
    limits: z.object({
      videoBytes: z.int(),
      imageBytes: z.int(),
      videoSeconds: z.int(),
      multipartBytes: z.int(),
      captionLength: z.int(),
      topupMaxMinor: z.int(),
      transferMaxMinor: z.int(),
      /** Above this a transfer repeats the password or a code. */
      transferConfirmOverMinor: z.int(),
    }),
    mediaTypes: z.object({ video: z.array(z.string()), image: z.array(z.string()) }),
    currency: z.string(),
    locales: z.array(z.string()),
    captionLanguages: z.array(z.string()),
    reportReasons: z.array(z.string()),
    minimumAppVersion: z.string(),
  }),
  cache: 'public, max-age=60',

  handler: () => clientConfig(),
});
