import { setting } from '#domain/system/settings.ts';
import type { Stored } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import { type AffiliateOffer, AffiliateOffers } from './affiliate-offer.model.ts';
import { rateOf } from './rate-lock.ts';

export type OfferRow = AffiliateOffer & Stored & { readonly _id: Id<'offer'> };

interface Wish {
  readonly product: Id<'product'>;
  readonly creator: Id<'user'>;
}
export interface Rate {
  readonly offer: Id<'offer'>;
  readonly rateBps: number;
}

const keyOf = ({ product, creator }: Wish): string =>
  `${product.toHexString()}:${creator.toHexString()}`;

/**
 * What these creators earn with these products now, by `product:creator` in hex: the best of their
 * offers. Who joined none, or none that still binds, is not in it; nor is the seller.
 */
export async function ratesFor(wishes: readonly Wish[], now: Date): Promise<Map<string, Rate>> {
  const rates = new Map<string, Rate>();
  if (wishes.length === 0) return rates;
  const lockDays = await setting('affiliates.rateLockDays');
  for (const offer of await offersOf(wishes)) {
    const { startsAt, endsAt, seller, product } = offer;
    if ((startsAt && startsAt > now) || (endsAt && endsAt <= now)) continue;
    for (const promoter of offer.creators) {
      const rateBps = rateOf(offer, promoter, lockDays, now);
      const key = keyOf({ product, creator: promoter.user });
      if (rateBps > (rates.get(key)?.rateBps ?? 0) && !promoter.user.equals(seller))
        rates.set(key, { offer: offer._id, rateBps });
    }
  }
  const asked = new Set(wishes.map(keyOf));
  return new Map([...rates].filter(([key]) => asked.has(key)));
}

/** The offers of these products, each with none but these creators. */
const offersOf = (wishes: readonly Wish[]): Promise<OfferRow[]> =>
  AffiliateOffers.aggregate<OfferRow>([
    { $match: { product: { $in: wishes.map(({ product }) => product) } } },
    {
      $set: {
        creators: {
          $filter: {
            input: '$creators',
            cond: { $in: ['$$this.user', wishes.map(({ creator }) => creator)] },
          },
        },
      },
    },
  ]);
