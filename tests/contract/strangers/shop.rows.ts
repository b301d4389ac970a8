import { newId } from '#platform/id.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { anImage, aProduct, categoryCalled } from '../../support/shop.ts';
import { hidden, type Stage, type Strangers } from './stage.ts';

/** A draft of Alice's; Bob sells, too. */
async function draft({ world, alice, bob }: Stage) {
  await aShop(world, alice);
  await aShop(world, bob);
  return aProduct(alice, { publish: false });
}
const key = () => newId().toHexString();
const variant = { sku: 'of-bob', priceMinor: 100 };

export const rows: Strangers = {
  productsGet: hidden(async (stage) => stage.bob.get(`/api/products/${(await draft(stage)).id}`)),
  productsCreate: hidden(async (stage) => {
    const theirs = await anImage(stage.alice);
    await draft(stage);
    const categoryId = String(await categoryCalled('home'));
    const wish = { title: 'Not my picture', categoryId, media: [theirs], variants: [variant] };
    return stage.bob.post('/api/products', wish);
  }),
  productsUpdate: hidden(async (stage) =>
    stage.bob.put(`/api/products/${(await draft(stage)).id}`, { title: 'Mine now' }),
  ),
  productsDelete: hidden(async (stage) =>
    stage.bob.delete(`/api/products/${(await draft(stage)).id}`),
  ),
  productsVariants: hidden(async (stage) => {
    const { id } = await draft(stage);
    return stage.bob.put(`/api/products/${id}/variants`, { variants: [variant] }, { key: key() });
  }),
  productsInventory: hidden(async (stage) => {
    const { id, variants } = await draft(stage);
    const change = { variantId: variants[0], kind: 'set', quantity: 0, version: 0, reason: 'ha' };
    return stage.bob.post(`/api/products/${id}/inventory`, change, { key: key() });
  }),
  productsSearch: {
    ask: async (stage) => stage.bob.get(`/api/products/search?shop=${(await draft(stage)).shop}`),
    told: { status: 200, because: 'a shop that shows nothing is like one that is not there' },
  },
  reviewsList: hidden(async (stage) =>
    stage.bob.get(`/api/products/${(await draft(stage)).id}/reviews`),
  ),
  reviewsCreate: hidden(async (stage) => {
    const { id } = await draft(stage);
    const wish = { rating: 1, lineId: key() };
    return stage.bob.post(`/api/products/${id}/reviews`, wish, { key: key() });
  }),
  reviewsUpdate: hidden(({ bob }) =>
    bob.put(`/api/products/reviews/${key()}`, { action: 'edit', rating: 1 }),
  ),
  wishlistSet: hidden(async (stage) =>
    stage.bob.put(`/api/wishlist/${(await draft(stage)).id}`, { saved: true }),
  ),
  adminCatalogue: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['catalogue.write']);
    const verdict = { kind: 'product', decision: 'approve', reason: 'why not' };
    return staff.put(`/api/admin/catalogue/product/${key()}`, verdict, { key: key() });
  }),
};
