import { notify } from '#domain/notifications/notifications.ts';
import { setting } from '#domain/system/settings.ts';
import { findByHandle } from '#domain/users/users.ts';
import { after, days } from '#platform/clock.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound, problem, ValidationFailed } from '#platform/problem.ts';
import { type AffiliateOffer, AffiliateOffers } from './affiliate-offer.model.ts';
import type { OfferRow } from './affiliates.ts';
import { changedRate, rateOf } from './rate-lock.ts';
import { AffiliateUpdated } from './seller-events.ts';
import type { ShopRow } from './shops.ts';

export class OfferFull extends problem({
  code: 'offer_full',
  status: 409,
  error: 'This offer has no room for more creators',
}) {}

export interface OfferWish {
  readonly product: Id<'product'>;
  readonly kind: AffiliateOffer['kind'];
  /** Hundredths of a percent; undefined ends the offer. */
  readonly rateBps: number | undefined;
  /** Who is invited, all of them; undefined leaves that as it is. */
  readonly creators?: readonly string[] | undefined;
  readonly endsAt?: Date | undefined;
}

/** Cuts that wait at the same time; each is a promise that has to be kept for the days of the lock. */
const MOST_CUTS = 50;

/**
 * Offers a commission for a product of the shop, changes the offer or ends it, inside the caller's
 * transaction. Who promotes the product already keeps a better rate for the days of the lock.
 * Throws `NotFound` for a creator there is not, `OfferFull`, `Conflict`, and `ValidationFailed`.
 */
export async function saveOffer(shop: ShopRow, wish: OfferWish, now: Date): Promise<OfferRow> {
  if (!inTransaction()) throw new Error('saveOffer() must be called inside transaction()');
  const { product, kind } = wish;
  const key = { shop: shop._id, product, kind };
  const lockDays = await setting('affiliates.rateLockDays');
  const offer = await AffiliateOffers.findOne(key).lean<OfferRow>();
  const creators = await creatorsAfter(offer, shop, wish, lockDays, now);
  const saved = offer
    ? await change(offer, wish, { creators, lockDays }, now)
    : await open(shop, wish, creators, now);
  const previousRateBps = offer?.rateBps ?? 0;
  await publish(
    AffiliateUpdated,
    {
      ...{ offerId: saved._id, productId: product, shopId: shop._id },
      ...{ rateBps: saved.rateBps, previousRateBps },
    },
    { now, actor: shop.owner },
  );
  for (const { user, status } of creators)
    if (status === 'invited' && !offer?.creators.some((one) => sameId(one.user, user)))
      await notify(
        {
          user,
          type: 'affiliate_invited',
          actor: shop.owner,
          subject: { type: 'offer', id: saved._id },
        },
        now,
      );
  return saved;
}

async function open(
  { _id: shop, owner: seller, currency }: ShopRow,
  { product, kind, rateBps, endsAt }: OfferWish,
  creators: AffiliateOffer['creators'],
  now: Date,
): Promise<OfferRow> {
  if (rateBps === undefined) throw new NotFound();
  const _id = newId<'offer'>();
  const terms = { rateBps, rateSince: now, ...(endsAt && { endsAt }) };
  await AffiliateOffers.create([
    { _id, shop, seller, product, currency, kind, status: 'active', creators, ...terms } as never,
  ]);
  return offerById(_id);
}

async function change(
  offer: OfferRow,
  { rateBps = 0, endsAt }: OfferWish,
  { creators, lockDays }: Pick<OfferRow, 'creators'> & { readonly lockDays: number },
  now: Date,
): Promise<OfferRow> {
  // An end that comes sooner is a cut like any other.
  if (endsAt && (!offer.endsAt || endsAt < offer.endsAt) && endsAt < after(now, days(lockDays)))
    throw new ValidationFailed({
      field: 'endsAt',
      details: [`endsAt: an offer that runs ends after ${lockDays} days at the earliest`],
    });
  const rates = changedRate(offer, rateBps, lockDays, now);
  if (rates.earlier.length > MOST_CUTS) throw new Conflict({ current: { rateBps: offer.rateBps } });
  const { modifiedCount } = await AffiliateOffers.updateOne(
    { _id: offer._id, version: offer.version },
    {
      $set: {
        ...rates,
        creators,
        status: rateBps > 0 ? 'active' : 'ended',
        ...(endsAt && { endsAt }),
      },
      ...(!endsAt && rateBps > 0 && { $unset: { endsAt: 1 } }),
      $inc: { version: 1 },
    } as never,
  );
  if (modifiedCount === 0) throw new Conflict({ current: { rateBps: offer.rateBps } });
  return offerById(offer._id);
}

/** Throws `NotFound`. */
export async function offerById(id: Id<'offer'>): Promise<OfferRow> {
  const offer = await AffiliateOffers.findOne({ _id: id }).lean<OfferRow>();
  if (!offer) throw new NotFound();
  return offer;
}

/** Who is in an offer after the wish: the invited come, whom it leaves out goes or is on their way. */
async function creatorsAfter(
  offer: OfferRow | null,
  shop: ShopRow,
  { creators, kind, rateBps = 0 }: OfferWish,
  lockDays: number,
  now: Date,
): Promise<AffiliateOffer['creators']> {
  const known = offer?.creators ?? [];
  if (kind === 'open' || creators === undefined) return known;
  const wanted = await usersOf(creators, shop.owner);
  const staying = known.flatMap((one) => {
    const { leftAt: _, ...kept } = one;
    const isWanted = wanted.some((user) => sameId(user, one.user));
    if (isWanted) return [one.status === 'left' ? { ...kept, status: 'joined' as const } : one];
    if (one.status === 'invited') return [];
    const leaving = { ...one, status: 'left' as const, leftAt: one.leftAt ?? now };
    return !offer || rateOf(offer, leaving, lockDays, now) > 0 ? [leaving] : [];
  });
  const coming = wanted
    .filter((user) => !known.some((one) => sameId(one.user, user)))
    .map((user) => ({ user, status: 'invited' as const, rateBps }));
  const all = [...staying, ...coming];
  if (all.length > (await setting('affiliates.maxCreators'))) throw new OfferFull();
  return all;
}

async function usersOf(handles: readonly string[], seller: Id<'user'>): Promise<Id<'user'>[]> {
  const users = new Map<string, Id<'user'>>();
  for (const handle of handles) {
    const user = await findByHandle(handle);
    if (!user) throw new NotFound({ field: 'creators' });
    if (sameId(user._id, seller))
      throw new ValidationFailed({ field: 'creators', details: ['creators: not yourself'] });
    users.set(user._id.toHexString(), user._id);
  }
  return [...users.values()];
}
