import { z } from 'zod';
import { relationOf } from '#domain/users/relations.ts';
import { cardIn, cardsOf, UserCard } from '#domain/users/users.ts';
import { type Id, INVALID_ID, toId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { SHOP_STATUSES, Shops } from './shop.model.ts';
import { ShopCard, type ShopRow, shopById, toShopCard } from './shops.ts';

const HEX = /^[0-9a-f]{24}$/i;

/** What a shop is found by: 3 to 30 letters, digits, dots, dashes and underscores. */
export const Handle = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9_.-]{2,29}$/, '3 to 30 letters, digits, dots, dashes and underscores')
  .refine((handle) => !HEX.test(handle), 'looks like an id');

/** How a shop is named in a path: its id or its handle. */
export const ShopName = z
  .string()
  .toLowerCase()
  .regex(/^[a-z0-9_.][a-z0-9_.-]{2,29}$/, INVALID_ID)
  .meta({ description: 'A shop id, or its handle.' });

export const ShippingMethod = z.object({
  /** How a buyer chooses it. */
  code: z
    .string()
    .trim()
    .regex(/^[a-z0-9-]{1,30}$/, 'small letters, digits and dashes'),
  name: z.string().trim().min(1).max(60),
  /** Minor units of the shop’s currency, as the other amounts. */
  rateMinor: z.int().min(0).max(10_000_000),
  perItemMinor: z.int().min(0).max(10_000_000).default(0),
  /** From this sum of items on it costs nothing. */
  freeFromMinor: z.int().min(0).max(1_000_000_000).optional(),
  minDays: z.int().min(0).max(180),
  maxDays: z.int().min(0).max(180),
});

export const ShippingProfile = z.object({
  name: z.string().trim().min(1).max(60),
  /** ISO codes, or `*` for everywhere else. */
  countries: z
    .array(z.string().regex(/^(?:[A-Z]{2}|\*)$/, 'an ISO country code, or *'))
    .min(1)
    .max(250),
  handlingDays: z.int().min(0).max(60),
  methods: z.array(ShippingMethod).min(1).max(10),
});

/** A shop as everybody sees it. */
export const ShopView = ShopCard.omit({ rating: true }).extend({
  description: z.string(),
  /** It can be bought from: its owner is not on holiday. */
  open: z.boolean(),
  currency: z.string(),
  country: z.string(),
  /** The average in hundredths of a star. */
  rating: z.object({ average: z.int(), count: z.int() }),
  shipping: z.array(ShippingProfile),
  returnPolicy: z.object({ days: z.int(), text: z.string() }),
  owner: UserCard,
  since: z.iso.datetime(),
});
export type ShopView = z.infer<typeof ShopView>;

/** A shop as its owner sees it. */
export const OwnShop = ShopView.extend({
  status: z.enum(SHOP_STATUSES),
  metrics: z.object({ orders: z.int(), cancelledBySeller: z.int() }),
});
export type OwnShop = z.infer<typeof OwnShop>;

const toShopView = (shop: ShopRow, owner: UserCard): ShopView => ({
  ...toShopCard(shop),
  description: shop.description,
  open: shop.status === 'active',
  currency: shop.currency,
  country: shop.country,
  rating: { ...shop.rating },
  shipping: shop.shipping.map(({ countries, methods, ...profile }) => ({
    ...profile,
    countries: [...countries],
    methods: methods.map((method) => ({ ...method })),
  })),
  returnPolicy: { ...shop.returnPolicy },
  owner,
  since: shop.createdAt.toISOString(),
});

export async function toOwnShop(shop: ShopRow): Promise<OwnShop> {
  const owner = cardIn(await cardsOf([shop.owner]), shop.owner);
  const { status, metrics } = shop;
  return { ...toShopView(shop, owner), status, metrics: { ...metrics } };
}

/**
 * A storefront by id or handle. Throws `NotFound` for one that is not open to the public, and
 * where seller and viewer blocked each other.
 */
export async function storefront(name: string, viewer: Id<'user'> | undefined): Promise<ShopView> {
  const shop = HEX.test(name)
    ? await shopById(toId(name))
    : await Shops.findOne({ handle: name }).lean<ShopRow>();
  if (shop?.status !== 'active' && shop?.status !== 'holiday') throw new NotFound();
  const { blocked, active } = await relationOf(viewer, shop.owner);
  if (blocked || !active) throw new NotFound();
  return toShopView(shop, cardIn(await cardsOf([shop.owner]), shop.owner));
}
