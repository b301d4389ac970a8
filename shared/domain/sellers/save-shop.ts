import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, DuplicateEntry } from '#platform/problem.ts';
import { ShopUpdated } from './seller-events.ts';
import { type Shop, Shops } from './shop.model.ts';
import { ownShop, type ShopRow } from './shops.ts';

/** What a seller may change; what is left out stays as it is. */
export interface ShopEdit {
  readonly name?: string | undefined;
  /** In lower case. */
  readonly handle?: string | undefined;
  readonly description?: string | undefined;
  readonly country?: string | undefined;
  readonly shipping?: Shop['shipping'] | undefined;
  readonly returnPolicy?: Shop['returnPolicy'] | undefined;
  /** Nothing can be bought while its owner is away. */
  readonly holiday?: boolean | undefined;
  /** Null takes the present one away. */
  readonly logo?: { readonly asset: Id<'media'>; readonly url: string } | null | undefined;
}

/**
 * Changes the caller's own shop and says so. Throws `NoActiveShop`, `DuplicateEntry` for a handle
 * that is taken, and `Conflict` for a holiday of a shop that was suspended.
 */
export const saveShop = (owner: Id<'user'>, edit: ShopEdit, now: Date): Promise<ShopRow> =>
  transaction(async () => {
    const shop = await ownShop(owner);
    const { handle, holiday } = edit;
    if (handle !== undefined && handle !== shop.handle && (await Shops.exists({ handle })))
      throw new DuplicateEntry({ field: 'handle' });
    const saved = await Shops.findOneAndUpdate(
      { _id: shop._id, ...(holiday !== undefined && { status: { $in: ['active', 'holiday'] } }) },
      changesOf(edit) as never,
      { returnDocument: 'after' },
    ).lean<ShopRow>();
    if (!saved) throw new Conflict({ current: shop.status });
    const { _id: shopId, status } = saved;
    await publish(ShopUpdated, { shopId, sellerId: owner, status }, { now, actor: owner });
    return saved;
  });

function changesOf({ holiday, logo, ...plain }: ShopEdit) {
  const said = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    $set: {
      ...Object.fromEntries(said),
      ...(holiday !== undefined && { status: holiday ? 'holiday' : 'active' }),
      ...(logo && { logo: logo.asset, logoUrl: logo.url }),
    },
    ...(logo === null && { $unset: { logo: 1, logoUrl: 1 } }),
    $inc: { version: 1 },
  };
}
