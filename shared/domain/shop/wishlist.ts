import { z } from 'zod';
import { notify } from '#domain/notifications/notifications.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { Products } from './product.model.ts';
import { ProductWishlisted } from './product-events.ts';
import { cardsOfProducts, ProductCard, type ProductRow, shownProduct } from './products.ts';
import { EVERYTHING } from './shelves.ts';
import { type Wish, Wishlists } from './wishlist.model.ts';

export interface WishChange {
  readonly user: Id<'user'>;
  readonly product: Id<'product'>;
  readonly saved: boolean;
  readonly notify: boolean;
}

/**
 * Saves a product as it is now, or forgets it. Saving again keeps what was seen before, so that a
 * drop which was not told yet is not lost. Throws `NotFound` for what the user cannot see.
 */
export async function setWish(change: WishChange, now: Date): Promise<void> {
  const { user, product: id, saved } = change;
  await transaction(async () => {
    const changed = saved ? await save(change) : await forgetWish(user, id);
    if (!changed) return;
    const ids = { productId: id, userId: user, saved };
    await publish(ProductWishlisted, ids, { now, actor: user });
  });
}

async function save({ user, product: id, notify: told }: WishChange): Promise<boolean> {
  const product = await shownProduct(id);
  const { upsertedCount } = await Wishlists.updateOne(
    { user, product: id },
    {
      $set: { notify: told },
      $setOnInsert: { priceSeen: product.price.minMinor, restocksSeen: product.restocks },
    },
    { upsert: true },
  );
  return upsertedCount === 1;
}

async function forgetWish(user: Id<'user'>, product: Id<'product'>): Promise<boolean> {
  const { deletedCount } = await Wishlists.deleteOne({ user, product });
  return deletedCount === 1;
}

export const WishView = z.object({
  productId: IdText,
  /** Null while it is not offered. */
  product: ProductCard.nullable(),
  priceSeenMinor: z.int(),
  notify: z.boolean(),
  savedAt: z.iso.datetime(),
});

/** What somebody saved, latest first, with the products as they are now. */
export async function wishesOf(
  user: Id<'user'>,
  query: PageQuery,
): Promise<Page<z.infer<typeof WishView>>> {
  const page = await findPage<Wish>({
    model: Wishlists,
    where: { user },
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `wishlist:${user.toHexString()}`,
  });
  const cards = await cardsOfProducts(page.items.map(({ product }) => product));
  const items = page.items.map(({ product, priceSeen, notify: told, createdAt }) => ({
    productId: product.toHexString(),
    product: cards.get(product.toHexString()) ?? null,
    priceSeenMinor: priceSeen,
    notify: told,
    savedAt: createdAt.toISOString(),
  }));
  return { ...page, items };
}

const BATCH = 100;

/**
 * Tells those who saved a product that it is cheaper than they saw it, or in stock again; each of
 * them once for each change. What is left at the deadline is done by the next run. Returns how many
 * were told.
 */
export async function noticeWishes(now: Date, deadline: Date): Promise<number> {
  let told = 0;
  while (clock.now() < deadline) {
    const due = await Products.find({ wishesDueAt: { $exists: true } })
      .sort({ wishesDueAt: 1, _id: 1 })
      .limit(BATCH)
      .lean<Due[]>();
    for (const product of due) {
      const { count, finished } = await noticeOne(product, now, deadline);
      told += count;
      if (!finished) return told;
    }
    if (due.length < BATCH) return told;
  }
  return told;
}

type Due = ProductRow & { readonly wishesDueAt: Date };

async function noticeOne(product: Due, now: Date, deadline: Date) {
  let count = 0;
  if (isShown(product))
    for (const news of [cheaper(product), backInStock(product)])
      for (;;) {
        if (clock.now() > deadline) return { count, finished: false };
        const wishes = await Wishlists.find(news.unaware)
          .limit(BATCH)
          .lean<(Wish & { readonly _id: Id })[]>();
        if (wishes.length === 0) break;
        for (const wish of wishes) if (await tell(product, wish, news, now)) count += 1;
      }
  await Products.updateOne(
    { _id: product._id, wishesDueAt: product.wishesDueAt },
    { $unset: { wishesDueAt: 1 } },
    { timestamps: false },
  );
  return { count, finished: true };
}

const isShown = ({ shelves }: ProductRow): boolean =>
  shelves.some((shelf) => shelf.equals(EVERYTHING));

/** Something about a product, who does not know of it yet, and what they know once they were told. */
interface News {
  readonly type: 'price_dropped' | 'back_in_stock';
  readonly unaware: Readonly<Record<string, unknown>>;
  readonly aware: Readonly<Partial<Wish>>;
}

const cheaper = ({ _id, price }: ProductRow): News => ({
  type: 'price_dropped',
  unaware: { product: _id, notify: true, priceSeen: { $gt: price.minMinor } },
  aware: { priceSeen: price.minMinor },
});

const backInStock = ({ _id, restocks, inStock }: ProductRow): News => ({
  type: 'back_in_stock',
  unaware: {
    product: _id,
    notify: true,
    // Sold out again: there is nothing to tell before it comes back once more.
    restocksSeen: { $lt: inStock ? restocks : 0 },
  },
  aware: { restocksSeen: restocks },
});

/** False for somebody who was told meanwhile. */
const tell = (
  { _id: product }: ProductRow,
  { _id, user }: Wish & { readonly _id: Id },
  { type, unaware, aware }: News,
  now: Date,
): Promise<boolean> =>
  transaction(async () => {
    const { modifiedCount } = await Wishlists.updateOne({ _id, ...unaware } as never, {
      $set: aware,
    });
    if (modifiedCount === 0) return false;
    const groupKey = `${type}:${product.toHexString()}`;
    await notify({ user, type, subject: { type: 'product', id: product }, groupKey }, now);
    return true;
  });
