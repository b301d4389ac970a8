import { newId } from '#platform/id.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  adminVerify: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['sellers.verify']);
    return staff.put(`/api/admin/users/${newId().toHexString()}/verify`, {});
  }),
  adminVerification: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['sellers.verify']);
    return staff.get(`/api/admin/verifications/${newId().toHexString()}`);
  }),

  shopsGet: hidden(async ({ world, alice, bob }) => {
    const shop = await aShop(world, alice);
    return bob.get(`/api/shops/${shop.id}`);
  }),
  sellerShop: hidden(async ({ world, bob, asset }) => {
    await aShop(world, bob);
    return bob.put('/api/seller/shop', { logoAssetId: asset });
  }),

  sellerAffiliateOffer: hidden(async ({ world, alice, bob }) => {
    await aShop(world, alice);
    await aShop(world, bob);
    const { id } = await aProduct(alice);
    const path = `/api/seller/affiliate-offers/${id}`;
    return bob.put(path, { rateBps: 1000 }, { key: 'strangers' });
  }),
  affiliateJoin: hidden(async ({ world, alice, bob }) => {
    await aShop(world, alice);
    const { id } = await aProduct(alice);
    const path = `/api/seller/affiliate-offers/${id}`;
    const { body } = await alice.put(path, { rateBps: 1000 }, { key: 'strangers' });
    const offer = String(body['offer']?.['id']);
    return bob.post(`/api/affiliate/offers/${offer}/join`, {}, { key: 'strangers' });
  }),
  affiliateCommissions: {
    ask: ({ bob, content }) => bob.get(`/api/affiliate/commissions?content=${content}`),
    told: { status: 200, because: 'only what Bob himself earned is ever in it' },
  },
};
