import { z } from 'zod';
import { AddressView, addressesOf, MAX_ADDRESSES, toAddressView } from '#domain/cart/addresses.ts';
import { endpoint } from '#platform/endpoint.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the caller’s address book, oldest first.',
  method: 'GET',
  path: '/api/addresses',
  access: 'user',
  rateLimit: perActor(120, 'minute'),
  output: z.object({ addresses: z.array(AddressView).max(MAX_ADDRESSES) }),

  handler: async ({ actor }) => ({
    addresses: (await addressesOf(actor.id)).map(toAddressView),
  }),
});
