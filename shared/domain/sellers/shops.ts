import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText } from '#platform/id.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { type Shop, Shops } from './shop.model.ts';

export type { ShippingMethod, ShippingProfile } from './shop.model.ts';
export type ShopRow = Shop & Stored & { readonly _id: Id<'shop'> };

export class NoActiveShop extends problem({
  code: 'no_active_shop',
  status: 409,
  error: 'Open a shop first',
}) {}

/** A shop as shown beside what it sells. */
export const ShopCard = z.object({
  id: IdText,
  name: z.string(),
  handle: z.string(),
  logoUrl: z.string().nullable(),
  /** Hundredths of a star. */
  rating: z.int(),
});
export type ShopCard = z.infer<typeof ShopCard>;

export const toShopCard = ({ _id, name, handle, logoUrl, rating }: ShopRow): ShopCard => ({
  id: _id.toHexString(),
  name,
  handle,
  logoUrl: logoUrl ?? null,
  rating: rating.average,
});

export const shopById = (id: Id<'shop'>): Promise<ShopRow | null> =>
  Shops.findOne({ _id: id }).lean<ShopRow>().exec();

/** The shop of a person, whatever its state. */
export const shopOf = (owner: Id<'user'>): Promise<ShopRow | null> =>
  Shops.findOne({ owner }).lean<ShopRow>().exec();

/** The caller's own shop, also while it is suspended or on holiday. Throws `NoActiveShop` without one. */
export async function ownShop(owner: Id<'user'>): Promise<ShopRow> {
  const shop = await shopOf(owner);
  if (!shop || shop.status === 'draft' || shop.status === 'closed')
    throw new NoActiveShop({ current: shop?.status ?? null });
  return shop;
}

/** The caller's own shop, which may sell. Throws `NoActiveShop`. */
export async function sellingShop(owner: Id<'user'>): Promise<ShopRow> {
  const shop = await ownShop(owner);
  if (shop.status === 'suspended') throw new NoActiveShop({ current: shop.status });
  return shop;
}

/** These shops in one query, by their ids in hex. */
export async function shopsById(ids: readonly Id<'shop'>[]): Promise<Map<string, ShopRow>> {
  const wanted = [...new Map(ids.map((id) => [id.toHexString(), id])).values()];
  const found = wanted.length ? await Shops.find({ _id: { $in: wanted } }).lean<ShopRow[]>() : [];
  return new Map(found.map((shop) => [shop._id.toHexString(), shop]));
}

/** A shop that can be bought from. Throws `NotFound`. */
export async function openShop(id: Id<'shop'>): Promise<ShopRow> {
  const shop = await shopById(id);
  if (shop?.status !== 'active') throw new NotFound();
  return shop;
}
