import { paidOrder } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import type { World } from '../../support/world.ts';
import { hidden, type Strangers } from './stage.ts';

/** Something that Alice bought of somebody who is neither she nor Bob. */
async function orderOf(world: World, alice: Person): Promise<string> {
  const seller = await world.person('seller');
  await aShop(world, seller);
  const { id } = await paidOrder({ buyer: alice, seller });
  return id;
}

export const rows: Strangers = {
  ordersGet: hidden(async ({ world, alice, bob }) =>
    bob.get(`/api/orders/${await orderOf(world, alice)}`),
  ),
  ordersAction: hidden(async ({ world, alice, bob }) =>
    bob.post(
      `/api/orders/${await orderOf(world, alice)}/actions`,
      { action: 'cancel' },
      { key: 'cancel-theirs' },
    ),
  ),
  sellerOrderAction: hidden(async ({ world, alice, bob }) => {
    await aShop(world, bob);
    const path = `/api/seller/orders/${await orderOf(world, alice)}/actions`;
    return bob.post(path, { action: 'note', note: 'mine' }, { key: 'note-theirs' });
  }),
};
