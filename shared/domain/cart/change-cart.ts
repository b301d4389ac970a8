import { shownProduct, variantsOf } from '#domain/shop/products.ts';
import { type Sellable, sellables } from '#domain/shop/sellable.ts';
import { setting } from '#domain/system/settings.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { NotFound, problem, ValidationFailed } from '#platform/problem.ts';
import { Carts } from './cart.model.ts';
import { CartAdded } from './cart-events.ts';
import { CartItems } from './cart-item.model.ts';
import { type CartItemRow, noteIfEmpty, touchCart } from './carts.ts';
import { CouponRefused } from './coupons.ts';
import type { Source } from './quote.ts';
import { quoteCart } from './quote-cart.ts';

/** How many of one variant a cart holds at most. */
export const MAX_QUANTITY = 999;

export class CartFull extends problem({
  code: 'cart_full',
  status: 409,
  error: 'The cart holds no more',
}) {}

export interface CartWish {
  readonly user: Id<'user'>;
  readonly product: Id<'product'>;
  /** May be left out where the product has only one. */
  readonly variant: Id<'variant'> | undefined;
  readonly quantity: number;
  readonly source: Source | undefined;
}

/**
 * Puts something into a cart; what is there already becomes more. Throws `NotFound` for what is not
 * offered, `ValidationFailed` where a variant must be chosen, and `CartFull`.
 */
export const addToCart = (wish: CartWish, now: Date): Promise<CartItemRow> =>
  transaction(async () => {
    const { user, quantity, source } = wish;
    const { variant, product, priceMinor } = await wantedOf(wish);
    const cart = await touchCart(user, now);
    const item = await CartItems.findOneAndUpdate(
      { cart: cart._id, variant },
      {
        $inc: { quantity },
        $set: { priceSeen: priceMinor, selected: true, ...(source && { source }) },
        $setOnInsert: { user, product },
      },
      { upsert: true, returnDocument: 'after' },
    ).lean<CartItemRow>();
    if (!item || item.quantity > MAX_QUANTITY)
      throw new CartFull({ details: [`quantity: at most ${MAX_QUANTITY}`] });
    const max = await setting('cart.maxItems');
    if ((await CartItems.countDocuments({ cart: cart._id })) > max)
      throw new CartFull({ details: [`items: at most ${max}`] });
    const seen = { contentId: source?.content, liveId: source?.live };
    const added = { userId: user, productId: product, variantId: variant, quantity, ...seen };
    await publish(CartAdded, added, { now, actor: user });
    return item;
  });

/** What is wanted, as it is offered now. */
async function wantedOf({ product, variant }: CartWish): Promise<Sellable> {
  await shownProduct(product);
  const id = variant ?? (await onlyVariantOf(product));
  const sellable = (await sellables([id])).get(id.toHexString());
  if (!sellable?.offered || !sameId(sellable.product, product)) throw new NotFound();
  return sellable;
}

async function onlyVariantOf(product: Id<'product'>): Promise<Id<'variant'>> {
  const [first, ...others] = await variantsOf(product);
  if (!first) throw new NotFound();
  if (others.length > 0)
    throw new ValidationFailed({
      field: 'variantId',
      details: ['variantId: say which variant of the product'],
    });
  return first._id;
}

export interface ItemChange {
  /** Of nothing the line is taken out. */
  readonly quantity?: number | undefined;
  readonly selected?: boolean | undefined;
}

/** Changes a line, and takes today's price for seen. Throws `NotFound`. */
export const changeItem = (
  user: Id<'user'>,
  id: Id<'cartItem'>,
  { quantity, selected }: ItemChange,
  now: Date,
): Promise<void> =>
  transaction(async () => {
    if (quantity === 0) return removeItem(user, id, now);
    const cart = await touchCart(user, now);
    const item = await CartItems.findOne({ _id: id, cart: cart._id }).lean<CartItemRow>();
    if (!item) throw new NotFound();
    const today = (await sellables([item.variant])).get(item.variant.toHexString());
    await CartItems.updateOne(
      { _id: id },
      {
        $set: {
          ...(quantity !== undefined && { quantity }),
          ...(selected !== undefined && { selected }),
          ...(today && { priceSeen: today.priceMinor }),
        },
      },
    );
  });

/** Takes a line out. Throws `NotFound`. */
export const removeItem = (user: Id<'user'>, id: Id<'cartItem'>, now: Date): Promise<void> =>
  transaction(async () => {
    const cart = await touchCart(user, now);
    const { deletedCount } = await CartItems.deleteOne({ _id: id, cart: cart._id });
    if (deletedCount === 0) throw new NotFound();
    await noteIfEmpty(cart._id);
  });

/**
 * Sets the codes of a cart; none clears them. Throws `CouponRefused`, and changes nothing, when one
 * of them cannot be used for what is selected.
 */
export async function applyCoupons(
  user: Id<'user'>,
  codes: readonly string[],
  now: Date,
): Promise<void> {
  const coupons = [...new Set(codes)];
  const { issues } = await quoteCart({ user, coupons }, now);
  const refused = issues.filter(({ code }) => code === 'coupon_refused');
  if (refused.length > 0)
    throw new CouponRefused({
      field: 'codes',
      details: refused.map(({ coupon, reason }) => `${coupon}: ${reason}`),
    });
  await Carts.updateOne({ user }, { $set: { coupons, lastActiveAt: now }, $inc: { version: 1 } });
}
