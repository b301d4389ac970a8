import { setting } from '#domain/system/settings.ts';
import type { Stored } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import { type Cart, Carts } from './cart.model.ts';
import { type CartItem, CartItems } from './cart-item.model.ts';

export type CartRow = Cart & Stored & { readonly _id: Id<'cart'> };
export type CartItemRow = CartItem & Stored & { readonly _id: Id<'cartItem'> };

/** More lines than the setting cart.maxItems can ever allow. */
const ALL_ITEMS = 1000;

export const cartOf = (user: Id<'user'>): Promise<CartRow | null> =>
  Carts.findOne({ user }).lean<CartRow>().exec();

/** The lines of a cart in the order in which they were put in. */
export const itemsIn = (cart: Id<'cart'>): Promise<CartItemRow[]> =>
  CartItems.find({ cart })
    .sort({ createdAt: 1, _id: 1 })
    .limit(ALL_ITEMS)
    .lean<CartItemRow[]>()
    .exec();

/**
 * The first write of every change of a cart, which is made if there is none: changes of one cart
 * collide here and follow one another. In a transaction.
 */
export async function touchCart(user: Id<'user'>, now: Date): Promise<CartRow> {
  const currency = await setting('wallet.currency');
  return Carts.findOneAndUpdate(
    { user },
    { $inc: { version: 1 }, $set: { lastActiveAt: now, idleSince: now, currency } },
    { upsert: true, returnDocument: 'after' },
  )
    .orFail()
    .lean<CartRow>();
}

/** The last write of every change that took lines away: nobody is reminded of an empty cart. */
export async function noteIfEmpty(cart: Id<'cart'>): Promise<void> {
  if (await CartItems.exists({ cart })) return;
  await Carts.updateOne({ _id: cart }, { $unset: { idleSince: 1 } });
}

/** Something that was to be ordered is no longer in the cart: ordered already, or taken out. */
export class CartChanged extends problem({
  code: 'cart_changed',
  status: 409,
  error: 'The cart has changed',
}) {}

/**
 * Takes out what was ordered, and the codes that were used for it. In the transaction that orders,
 * so that of two checkouts of one cart one fails. Throws `CartChanged`.
 */
export async function removeBought(
  user: Id<'user'>,
  items: readonly Id<'cartItem'>[],
): Promise<void> {
  const cart = await Carts.findOneAndUpdate(
    { user },
    { $inc: { version: 1 }, $set: { coupons: [] } },
  ).lean<CartRow>();
  if (!cart) throw new CartChanged();
  const { deletedCount } = await CartItems.deleteMany({ _id: { $in: [...items] }, cart: cart._id });
  if (deletedCount !== items.length) throw new CartChanged();
  await noteIfEmpty(cart._id);
}
