import { makeShop } from '#domain/sellers/make-shop.ts';
import { saveShop } from '#domain/sellers/save-shop.ts';
import { type ShopRow, shopOf } from '#domain/sellers/shops.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';

/** Gives the demo's seller their shop, unless they have it; returns its id. */
export async function openDemoShop(seller: Id<'user'>): Promise<string> {
  const shop = (await shopOf(seller)) ?? (await makeDemoShop(seller));
  return shop._id.toHexString();
}

const makeDemoShop = (seller: Id<'user'>): Promise<ShopRow> =>
  transaction(async () => {
    const now = clock.now();
    await makeShop(seller, now);
    return saveShop(
      seller,
      {
        name: 'The Corner Shop',
        description: 'Small things for the kitchen and the table, packed by hand.',
        returnPolicy: { days: 30, text: 'Send it back within a month, also when it was opened.' },
      },
      now,
    );
  });
