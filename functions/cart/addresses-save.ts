import { z } from 'zod';
import {
  AddressBookFull,
  AddressView,
  addAddress,
  changeAddress,
  PostalAddressInput,
  toAddressView,
} from '#domain/cart/addresses.ts';
import { endpoint } from '#platform/endpoint.ts';
import { INVALID_ID, toId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Write an address of the caller’s address book; with `new` as its id, add one.',
  method: 'PUT',
  path: '/api/addresses/:id',
  access: 'user',
  rateLimit: perActor(30, 'minute'),
  idempotency: 'honoured',
  params: z.object({ id: z.string().regex(/^(?:new|[0-9a-f]{24})$/, INVALID_ID) }),
  body: PostalAddressInput.extend({
    /** Makes it the default in place of another; the first address is it anyway. */
    isDefault: z.boolean().optional(),
  }),
  output: z.object({ address: AddressView }),
  problems: [AddressBookFull, NotFound],

  handler: async ({ actor, params: { id }, body: { isDefault, ...address } }) => {
    const wish = { address, isDefault };
    const saved =
      id === 'new'
        ? await addAddress(actor.id, wish)
        : await changeAddress(actor.id, toId(id), wish);
    return { address: toAddressView(saved) };
  },
});
