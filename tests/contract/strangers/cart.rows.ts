import { anAddress, intoCart, postal } from '../../support/cart.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { hidden, type Stage, type Strangers } from './stage.ts';

/** Something that somebody else sells, and that lies in Alice’s cart. */
async function ofAlice({ world, alice }: Stage): Promise<string> {
  const seller = await world.person('seller');
  await aShop(world, seller);
  return intoCart(alice, await aProduct(seller));
}

const someId = 'a'.repeat(24);
const terms = { kind: 'amount', value: 100, scope: { type: 'products', ids: [someId] } };

export const rows: Strangers = {
  cartAdd: hidden(async ({ world, bob }) => {
    const seller = await world.person('seller');
    await aShop(world, seller);
    const draft = await aProduct(seller, { publish: false });
    return bob.post('/api/cart/items', { productId: draft.id, variantId: draft.variants[0] });
  }),
  cartUpdateItem: hidden(async (stage) =>
    stage.bob.put(`/api/cart/items/${await ofAlice(stage)}`, { quantity: 9 }),
  ),
  cartRemoveItem: hidden(async (stage) =>
    stage.bob.delete(`/api/cart/items/${await ofAlice(stage)}`),
  ),
  cartQuote: hidden(async ({ bob, alice }) =>
    bob.post('/api/cart/quote', { addressId: await anAddress(alice) }),
  ),
  addressesSave: hidden(async ({ bob, alice }) =>
    bob.put(`/api/addresses/${await anAddress(alice)}`, postal({ isDefault: true })),
  ),
  addressesDelete: hidden(async ({ bob, alice }) =>
    bob.delete(`/api/addresses/${await anAddress(alice)}`),
  ),
  sellerCouponSave: {
    ask: async ({ world }) => {
      const seller = await world.person('seller');
      await aShop(world, seller);
      return seller.put('/api/seller/coupons/MINE', terms, { key: 'mine' });
    },
    told: { status: 200, because: 'the ids are compared with what lies in carts, never looked up' },
  },
  adminCouponSave: {
    ask: async ({ world }) => {
      const staff = await staffMember(world, ['catalogue.write']);
      return staff.put('/api/admin/coupons/OURS', terms, { key: 'ours' });
    },
    told: { status: 200, because: 'the ids are compared with what lies in carts, never looked up' },
  },
};
