import { newId } from '#platform/id.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import type { Person } from '../../support/people.ts';
import { act, aReturn, askReturn } from '../../support/returns.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import type { World } from '../../support/world.ts';
import { hidden, type Strangers } from './stage.ts';

/** Something that was delivered to Alice by somebody who is neither she nor Bob. */
async function delivered(world: World, alice: Person) {
  const shop = await aShop(world, await world.person('seller'));
  return (await aPaidOrder(world, alice, shop, { method: 'wallet' })).order;
}

export const rows: Strangers = {
  returnsCreate: hidden(async ({ world, alice, bob }) =>
    askReturn(bob, await delivered(world, alice)),
  ),
  returnsAction: hidden(async ({ world, alice, bob }) => {
    const id = await aReturn(alice, await delivered(world, alice));
    return act(bob, id, 'withdraw');
  }),
  adminRefund: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['money.refund']);
    const path = `/api/admin/orders/${newId().toHexString()}/refund`;
    return staff.post(path, { everything: true, reason: 'Nobody’s' }, { key: 'refund-nobody' });
  }),
  adminOrders: {
    ask: async ({ world, alice }) => {
      const staff = await staffMember(world, ['orders.read']);
      return staff.get(`/api/admin/orders?buyerId=${alice.id}`);
    },
    told: { status: 200, because: 'staff who may read orders may read everybody’s' },
  },
};
