import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Shops } from '#domain/sellers/shop.model.ts';
import { cardsOfProducts, countSale, defaultVariantOf } from '#domain/shop/products.ts';
import { setRole } from '#domain/users/roles.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

describe('what other rooms ask of the shop', () => {
  test('names the cheapest variant that is in stock', async () => {
    const seller = await world.person('seller');
    await setRole(toId(seller.id), 'seller');
    await Shops.create([
      {
        owner: toId(seller.id),
        name: 's',
        handle: seller.username,
        status: 'active',
        currency: 'USD',
        country: 'DE',
      } as never,
    ]);
    const product = await aProduct(seller, {
      options: [{ name: 'Size', values: ['S', 'M', 'L'] }],
      variants: [
        { optionValues: { Size: 'S' }, priceMinor: 500, stock: 0 },
        { optionValues: { Size: 'M' }, priceMinor: 900 },
        { optionValues: { Size: 'L' }, priceMinor: 700 },
      ],
    });

    expect(String(await defaultVariantOf(toId(product.id)))).toBe(product.variants[2]);
    const cards = await cardsOfProducts([toId(product.id)]);
    expect(cards.get(product.id)).toMatchObject({ price: { minMinor: 500, maxMinor: 900 } });
    await transaction(() => countSale([{ product: toId(product.id), quantity: 2 }], world.now()));
  });
});
