import { newId } from '#platform/id.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
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
};
