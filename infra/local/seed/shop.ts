import { decide } from '#domain/sellers/decide-verification.ts';
import { saveShop } from '#domain/sellers/save-shop.ts';
import { type ShopRow, shopOf } from '#domain/sellers/shops.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';

/** Gives the demo's seller their shop, unless they have it; returns its id. */
export async function openDemoShop(seller: Id<'user'>, admin: Id<'user'>): Promise<string> {
  const shop = (await shopOf(seller)) ?? (await makeDemoShop(seller, admin));
  return shop._id.toHexString();
}

/** As the demo's administrator would: who they let in is verified, and can be paid. */
const makeDemoShop = (seller: Id<'user'>, admin: Id<'user'>): Promise<ShopRow> =>
  transaction(async () => {
    const now = clock.now();
    const staff = { actor: { id: admin }, request: { id: 'seed', address: '' } };
    await decide({ user: seller, deed: 'approve', note: 'The seller of the demo' }, staff, now);
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
