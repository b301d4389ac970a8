import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { after, days, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { Carts } from './cart.model.ts';
import { CartItems } from './cart-item.model.ts';
import type { CartRow } from './carts.ts';

const KEEP_MS = days(90);

/** Carts with something in them that nobody has touched for as long as is set, longest first. */
export async function idleCarts(now: Date, limit: number): Promise<CartRow[]> {
  const idle = hours(await setting('cart.abandonedHours'));
  return Carts.find({ idleSince: { $exists: true, $lte: after(now, -idle) } })
    .sort({ idleSince: 1, _id: 1 })
    .limit(limit)
    .lean<CartRow[]>();
}

/** Reminds the owner of a cart, once until they touch it again. */
export const remindOf = ({ _id, user, version }: CartRow, now: Date): Promise<void> =>
  transaction(async () => {
    const { modifiedCount } = await Carts.updateOne(
      { _id, version, idleSince: { $exists: true } },
      { $unset: { idleSince: 1 } },
    );
    if (modifiedCount === 0) return;
    const subject = { type: 'cart', id: _id };
    await notify({ user, type: 'cart_waiting', subject }, now);
  });

/** Carts that nobody has touched for 90 days, longest first. */
export const cartsToForget = (now: Date, limit: number): Promise<CartRow[]> =>
  Carts.find({ lastActiveAt: { $lte: after(now, -KEEP_MS) } })
    .sort({ lastActiveAt: 1, _id: 1 })
    .limit(limit)
    .lean<CartRow[]>()
    .exec();

/** Removes a cart with its lines, unless it was touched meanwhile. */
export const forgetCart = ({ _id, version }: CartRow): Promise<void> =>
  transaction(async () => {
    const { deletedCount } = await Carts.deleteOne({ _id, version });
    if (deletedCount === 1) await CartItems.deleteMany({ cart: _id });
  });
