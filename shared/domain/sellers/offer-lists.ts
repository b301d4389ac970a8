import { z } from 'zod';
import { setting } from '#domain/system/settings.ts';
import { type Id, IdText, sameId } from '#platform/id.ts';
import {
  type Filter,
  findPage,
  type Page,
  type PageQuery,
  type Sort,
  sortKeys,
} from '#platform/page.ts';
import { AffiliateOffers } from './affiliate-offer.model.ts';
import type { OfferRow } from './affiliates.ts';
import { lockedUntil, rateOf } from './rate-lock.ts';
import { ShopCard, type ShopRow, shopsById, toShopCard } from './shops.ts';

export const OFFER_LISTS = ['browse', 'invitations', 'joined'] as const;
type OfferList = (typeof OFFER_LISTS)[number];

/** An offer as somebody who might promote the product sees it. */
export const OfferView = z.object({
  id: IdText,
  productId: IdText,
  shop: ShopCard.nullable(),
  kind: z.enum(['open', 'targeted']),
  status: z.enum(['active', 'ended']),
  /** What is offered now, in hundredths of a percent; 0 once it has ended. */
  rateBps: z.int(),
  endsAt: z.iso.datetime().nullable(),
  /** How the caller stands to it; null for who was neither invited nor joined. */
  mine: z
    .object({
      status: z.enum(['invited', 'joined', 'left']),
      /** What the caller earns now. */
      rateBps: z.int(),
      /** Until when that is more than what is offered now. */
      lockedUntil: z.iso.datetime().nullable(),
    })
    .nullable(),
});
export type OfferView = z.infer<typeof OfferView>;

/** What a list is made of: each is one walk along an index. */
const LISTS = {
  browse: (_user: Id<'user'>) => ({
    where: { kind: 'open', status: 'active' },
    sort: { field: 'rateBps', direction: -1 },
  }),
  invitations: (user: Id<'user'>) => ({
    where: { creators: { $elemMatch: { user, status: 'invited' } }, 'creators.user': user },
    sort: { field: '_id', direction: -1 },
  }),
  joined: (user: Id<'user'>) => ({
    where: { creators: { $elemMatch: { user, status: 'joined' } }, 'creators.user': user },
    sort: { field: '_id', direction: -1 },
  }),
} satisfies Record<OfferList, (user: Id<'user'>) => { where: Filter; sort: Sort }>;

const SHOWN = {
  ...{ shop: 1, seller: 1, product: 1, kind: 1, status: 1, endsAt: 1 },
  ...{ rateBps: 1, rateSince: 1, earlier: 1 },
} as const;

/** Offers to choose from, invitations, or those the caller joined. */
export function offersFor(
  creator: Id<'user'>,
  list: OfferList,
  query: PageQuery,
): Promise<Page<OfferRow>> {
  const { where, sort }: { where: Filter; sort: Sort } = LISTS[list](creator);
  return findPage<OfferRow>({
    ...{ model: AffiliateOffers as never, where, sort, query },
    scope: `offers:${list}:${creator.toHexString()}`,
    // An offer may have thousands of creators: of them only the caller is read.
    read: (match: Filter, skip, limit) =>
      AffiliateOffers.find(
        match as never,
        { ...SHOWN, creators: { $elemMatch: { user: creator } } } as never,
      )
        .sort(sortKeys(sort))
        .skip(skip)
        .limit(limit)
        .lean<OfferRow[]>()
        .exec(),
  });
}

/** These offers as the creator sees them, with their shops in one query. */
export async function toOfferViews(
  offers: readonly OfferRow[],
  creator: Id<'user'>,
  now: Date,
): Promise<OfferView[]> {
  const shops = await shopsById(offers.map(({ shop }) => shop));
  const lockDays = await setting('affiliates.rateLockDays');
  return offers.map((offer) => {
    const shop = shops.get(offer.shop.toHexString());
    return { ...toOfferView(offer, shop), mine: mineOf(offer, creator, lockDays, now) };
  });
}

const toOfferView = (offer: OfferRow, shop: ShopRow | undefined) => ({
  id: offer._id.toHexString(),
  productId: offer.product.toHexString(),
  shop: shop ? toShopCard(shop) : null,
  kind: offer.kind,
  status: offer.status,
  rateBps: offer.rateBps,
  endsAt: offer.endsAt?.toISOString() ?? null,
});

function mineOf(
  offer: OfferRow,
  creator: Id<'user'>,
  lockDays: number,
  now: Date,
): OfferView['mine'] {
  const mine = offer.creators?.find(({ user }) => sameId(user, creator));
  if (!mine) return null;
  const { status } = mine;
  const rateBps = rateOf(offer, mine, lockDays, now);
  const until = lockedUntil(offer, mine, lockDays, now);
  return { status, rateBps, lockedUntil: until?.toISOString() ?? null };
}

/** An offer as its seller sees it. */
export const SellerOffer = OfferView.omit({ mine: true, shop: true }).extend({
  creators: z.object({ invited: z.int(), joined: z.int() }),
});
export type SellerOffer = z.infer<typeof SellerOffer>;

export const toSellerOffer = (offer: OfferRow): SellerOffer => {
  const { shop: _, ...view } = toOfferView(offer, undefined);
  const count = (status: string) => offer.creators.filter((one) => one.status === status).length;
  return { ...view, creators: { invited: count('invited'), joined: count('joined') } };
};
