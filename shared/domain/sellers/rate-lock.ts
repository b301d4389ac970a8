import { after, days } from '#platform/clock.ts';
import type { AffiliateOffer } from './affiliate-offer.model.ts';

type Rates = Pick<AffiliateOffer, 'rateBps' | 'rateSince' | 'earlier'>;
type Promoter = Pick<AffiliateOffer['creators'][number], 'status' | 'joinedAt' | 'leftAt'>;

const later = (one: Date, other: Date): Date => (one > other ? one : other);

/**
 * What a promoter earns at a moment: the best rate that was offered while they promoted, within the
 * days of the lock. So a raise counts at once, and every cut, the end of the offer among them, after
 * these days. Zero for who never joined, or left that long ago.
 */
export function rateOf(offer: Rates, promoter: Promoter, lockDays: number, now: Date): number {
  const { joinedAt, leftAt } = promoter;
  if (!joinedAt) return 0;
  const from = later(joinedAt, after(now, -days(lockDays)));
  const to = leftAt && leftAt < now ? leftAt : now;
  if (to < from || (leftAt && leftAt <= from)) return 0;
  const offered = [
    ...offer.earlier,
    { rateBps: offer.rateBps, from: offer.rateSince, until: null },
  ];
  return Math.max(
    0,
    ...offered
      .filter(({ from: since, until }) => since <= to && (!until || until > from))
      .map(({ rateBps }) => rateBps),
  );
}

/** The rates of an offer after it changes to another: what can never bind again is forgotten. */
export function changedRate(offer: Rates, rateBps: number, lockDays: number, now: Date): Rates {
  const { rateBps: old, rateSince, earlier } = offer;
  if (old === rateBps) return { rateBps, rateSince, earlier };
  const binds = after(now, -days(lockDays));
  return {
    rateBps,
    rateSince: now,
    earlier: [...earlier, { rateBps: old, from: rateSince, until: now }].filter(
      (one) => one.rateBps > rateBps && one.until > binds,
    ),
  };
}

/** Until when a promoter keeps a rate that is better than the one offered now; null when it is not. */
export function lockedUntil(
  offer: Rates,
  promoter: Promoter,
  lockDays: number,
  now: Date,
): Date | null {
  const mine = rateOf(offer, promoter, lockDays, now);
  if (mine <= offer.rateBps) return null;
  const kept = offer.earlier.filter(({ rateBps }) => rateBps === mine).map(({ until }) => until);
  return kept.length > 0 ? after(kept.reduce(later), days(lockDays)) : null;
}
