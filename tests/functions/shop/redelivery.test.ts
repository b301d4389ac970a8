import { afterAll, beforeAll, expect, test } from 'vitest';
import { saveShop } from '#domain/sellers/save-shop.ts';
import { countSale } from '#domain/shop/products.ts';
import { createReview } from '#domain/shop/reviews.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { comparable, deliverAll, restore, stateOfEverything } from '../../support/redelivery.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

/** Something of everything that happens in a shop. */
async function aDay(): Promise<void> {
  const [seller, buyer] = [await world.person('seller'), await world.person('buyer')];
  const staff = await staffMember(world, ['catalogue.write']);
  const shop = toId<'shop'>((await aShop(world, seller)).id);
  const [one, two] = [await aProduct(seller), await aProduct(seller, { category: 'pets' })];
  const product = toId<'product'>(one.id);
  const change = { variantId: one.variants[0], kind: 'set', reason: 'counted' };
  for (const [version, quantity] of [0, 7, 2].entries())
    await seller.post(
      `/api/products/${one.id}/inventory`,
      { ...change, quantity, version },
      { key: `day-${version}` },
    );
  await transaction(() => countSale([{ product, quantity: 3 }], world.now()));
  const purchase = { order: newId<'order'>(), line: newId<'line'>(), product, shop };
  const bought = { ...purchase, variant: newId<'variant'>(), seller: toId<'user'>(seller.id) };
  const said = { rating: 4, text: 'Good', media: [] };
  const { _id } = await createReview(toId(buyer.id), bought, said, world.now());
  await buyer.put(`/api/products/reviews/${_id.toHexString()}`, { action: 'edit', rating: 2 });
  const pets = { kind: 'category', parent: null, name: { en: 'Pets' }, commissionBps: 50 };
  const reason = { ...pets, reason: 'test' };
  await staff.put('/api/admin/catalogue/category/pets', reason, { key: 'pets' });
  await seller.put(`/api/products/${two.id}`, { title: 'Something else' });
  await saveShop(toId(seller.id), { holiday: true }, world.now());
}

test('what happens in a shop leads to the same in order and twice from last to first', async () => {
  await aDay();
  const before = await stateOfEverything(true);

  await deliverAll(world, { reversed: false, times: 1 });
  const inOrder = comparable(await stateOfEverything(), before);
  await restore(before);
  await deliverAll(world, { reversed: true, times: 2 });

  expect(comparable(await stateOfEverything(), before)).toEqual(inOrder);
  const products = inOrder['Product']?.join() ?? '';
  expect(products).toContain('"soldCount":3');
  expect(products).toContain('"average":200,"count":1,"stars":2');
  expect(products).toContain('"commissionBps":50');
  expect(products).not.toContain('"shopOpen":true');
});
