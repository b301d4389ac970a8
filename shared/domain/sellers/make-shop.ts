import { setting } from '#domain/system/settings.ts';
import { findActiveUser, setRole } from '#domain/users/users.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound } from '#platform/problem.ts';
import { ShopUpdated } from './seller-events.ts';
import { type Shop, Shops } from './shop.model.ts';
import { type ShopRow, shopOf } from './shops.ts';

/** How a shop ships until its owner says otherwise: everywhere, at one price. Minor units. */
const SHIPPING: Shop['shipping'] = [
  {
    name: 'Everywhere',
    countries: ['*'],
    handlingDays: 1,
    methods: [
      {
        ...{ code: 'standard', name: 'Standard' },
        ...{ rateMinor: 499, perItemMinor: 0, minDays: 3, maxDays: 7 },
      },
      {
        ...{ code: 'express', name: 'Express' },
        ...{ rateMinor: 1299, perItemMinor: 0, minDays: 1, maxDays: 3 },
      },
    ],
  },
];
const RETURN_DAYS = 14;

/**
 * Gives somebody a shop that sells at once and the role that goes with it, or opens again the one
 * they have; inside the caller's transaction. Throws `NotFound` for who has no account.
 */
export async function makeShop(owner: Id<'user'>, now: Date): Promise<ShopRow> {
  if (!inTransaction()) throw new Error('makeShop() must be called inside transaction()');
  const user = await findActiveUser(owner);
  if (!user) throw new NotFound();
  if (user.role === 'user') await setRole(owner, 'seller');
  const existing = await shopOf(owner);
  if (existing) return changeShopStatus(existing, 'active', now);
  const _id = newId<'shop'>();
  const shop = {
    ...{ _id, owner, name: `${user.username}'s shop`, status: 'active' },
    handle: await freeHandle(user.username.toLowerCase(), _id),
    currency: await setting('wallet.currency'),
    country: countryOf(user.homeRegion),
    shipping: SHIPPING,
    returnPolicy: { days: RETURN_DAYS, text: '' },
  };
  await Shops.create([shop as never]);
  await publish(ShopUpdated, { shopId: _id, sellerId: owner, status: 'active' }, { now });
  const made = await shopOf(owner);
  if (!made) throw new NotFound();
  return made;
}

const countryOf = (region: string): string => (/^[A-Z]{2}$/.test(region) ? region : 'US');

/** The wished handle, or one like it when another shop has it. */
async function freeHandle(wish: string, shop: Id<'shop'>): Promise<string> {
  const taken = await Shops.exists({ handle: wish });
  return taken ? `${wish.slice(0, 23)}-${shop.toHexString().slice(-6)}` : wish;
}

/** Opens, pauses or closes a shop and says so; inside the caller's transaction. */
export async function changeShopStatus(
  shop: ShopRow,
  status: Shop['status'],
  now: Date,
): Promise<ShopRow> {
  if (shop.status === status) return shop;
  const changed = await Shops.findOneAndUpdate(
    { _id: shop._id },
    { $set: { status }, $inc: { version: 1 } },
    { returnDocument: 'after' },
  ).lean<ShopRow>();
  if (!changed) throw new NotFound();
  await publish(ShopUpdated, { shopId: shop._id, sellerId: shop.owner, status }, { now });
  return changed;
}
