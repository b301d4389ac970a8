import { notify } from '#domain/notifications/notifications.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { AffiliateOffers } from './affiliate-offer.model.ts';
import type { OfferRow } from './affiliates.ts';
import { PromotersRemain } from './seller-events.ts';

const AT_ONCE = 200;

/**
 * Tells those who promote a product that its rate changed, some at a time: who is left is an event
 * of its own. Must be called inside a transaction.
 */
export async function tellPromoters(
  offerId: Id<'offer'>,
  cursor: string | undefined,
  now: Date,
): Promise<void> {
  const offer = await AffiliateOffers.findOne(
    { _id: offerId },
    { creators: 1, seller: 1 },
  ).lean<OfferRow>();
  const waiting = (offer?.creators ?? [])
    .filter(({ status }) => status === 'joined')
    .map(({ user }) => user)
    .filter((user) => cursor === undefined || user.toHexString() > cursor)
    .sort((one, other) => (one.toHexString() < other.toHexString() ? -1 : 1));
  const told = waiting.slice(0, AT_ONCE);
  for (const user of told)
    await notify(
      {
        ...{ user, type: 'affiliate_updated', actor: offer?.seller },
        subject: { type: 'offer', id: offerId },
        groupKey: `affiliate:${offerId.toHexString()}`,
      },
      now,
    );
  const last = told.at(-1);
  if (last && waiting.length > told.length)
    await publish(PromotersRemain, { offerId, cursor: last.toHexString() }, { now });
}
