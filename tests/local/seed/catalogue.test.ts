import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantStaff } from '#domain/admin/staff.ts';
import { signIn } from '#local/demo/people.ts';
import { featureSome, stockShop } from '#local/seed/catalogue.ts';
import { openDemoShop } from '#local/seed/shop.ts';
import { toId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

test('fills the demo shop once, with pictures that everybody can see', {
  timeout: 300_000,
}, async () => {
  const { person: seller } = await signIn(world.url, 'corner_shop', 'seller@mixillo.test');
  const { person: admin } = await signIn(world.url, 'ada_runs_this', 'admin@mixillo.test');
  await grantStaff(toId(admin.id), ['catalogue.write']);
  const shop = await openDemoShop(toId(seller.id), toId(admin.id));
  const said: string[] = [];

  await stockShop(seller, shop, (line) => said.push(line));
  await stockShop(seller, shop, (line) => said.push(line));

  await featureSome(admin, shop);
  await featureSome(admin, shop);

  expect(said).toEqual(['Seeded 7 products']);
  const { body } = await world.get(`/api/products/search?shop=${shop}`);
  expect(body['products']).toHaveLength(7);
  const pictures = [...(body['products'] ?? [])].map((product) => String(product['imageUrl']));
  const seen = await Promise.all(pictures.map((url) => fetch(url)));
  expect(seen.map(({ status }) => status)).toEqual(pictures.map(() => 200));
  expect((await world.get('/api/products/featured')).body['products']).toHaveLength(3);
});
