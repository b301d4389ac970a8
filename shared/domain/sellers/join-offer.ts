import { setting } from '#domain/system/settings.ts';
import { relationOf } from '#domain/users/relations.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { AffiliateOffers } from './affiliate-offer.model.ts';
import type { OfferRow } from './affiliates.ts';
import { OfferFull, offerById } from './save-offer.ts';
import { AffiliateJoined } from './seller-events.ts';
import { openShop } from './shops.ts';

export class OwnOffer extends problem({
  code: 'own_offer',
  status: 409,
  error: 'Nobody earns a commission on what they sell',
}) {}

/**
 * Joins an open offer or accepts an invitation, at the rate of this moment; joining twice is joining
 * once. Inside the caller's transaction. Throws `NotFound` for what one is not invited to,
 * `OwnOffer`, `OfferFull`, and `Conflict` once the offer has ended.
 */
export async function joinOffer(
  creator: Id<'user'>,
  id: Id<'offer'>,
  now: Date,
): Promise<OfferRow> {
  if (!inTransaction()) throw new Error('joinOffer() must be called inside transaction()');
  const offer = await offerById(id);
  const mine = offer.creators.find(({ user }) => sameId(user, creator));
  if (offer.kind === 'targeted' && (!mine || mine.status === 'left')) throw new NotFound();
  if (sameId(offer.seller, creator)) throw new OwnOffer();
  await openShop(offer.shop);
  if ((await relationOf(creator, offer.seller)).blocked) throw new NotFound();
  if (mine?.status === 'joined') return offer;
  if (offer.status === 'ended' || (offer.endsAt && offer.endsAt <= now))
    throw new Conflict({ current: 'ended' });
  await (mine ? accept(offer, creator, now) : enter(offer, creator, now));
  const { product: productId, shop: shopId, seller: sellerId } = offer;
  const joined = { offerId: id, productId, shopId, sellerId, creatorId: creator };
  await publish(AffiliateJoined, joined, { now, actor: creator });
  return offerById(id);
}

async function accept({ _id, rateBps }: OfferRow, user: Id<'user'>, now: Date): Promise<void> {
  const { modifiedCount } = await AffiliateOffers.updateOne(
    { _id, status: 'active', creators: { $elemMatch: { user, status: 'invited' } } },
    {
      $set: {
        'creators.$.status': 'joined',
        'creators.$.joinedAt': now,
        'creators.$.rateBps': rateBps,
      },
      $inc: { version: 1 },
    },
  );
  if (modifiedCount === 0) throw new Conflict({ current: null });
}

async function enter({ _id, rateBps }: OfferRow, user: Id<'user'>, now: Date): Promise<void> {
  const room = await setting('affiliates.maxCreators');
  const { modifiedCount } = await AffiliateOffers.updateOne(
    {
      ...{ _id, status: 'active', 'creators.user': { $ne: user } },
      [`creators.${room - 1}`]: { $exists: false },
    },
    {
      $push: { creators: { user, status: 'joined', joinedAt: now, rateBps } },
      $inc: { version: 1 },
    },
  );
  if (modifiedCount === 0) throw new OfferFull();
}
