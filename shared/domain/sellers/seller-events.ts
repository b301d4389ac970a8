import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { SHOP_STATUSES } from './shop.model.ts';

const account = {
  topic: 'account',
  subject: ['verification', 'verificationId'],
  orderedBy: 'userId',
  data: z.object({
    userId: idOf('user'),
    verificationId: idOf('verification'),
    /** The shop it is about; none before it was made, and none of a creator's case. */
    shopId: idOf('shop').optional(),
  }),
} as const;

export const SellerSubmitted = event({ ...account, type: 'seller.submitted' });
export const SellerVerified = event({ ...account, type: 'seller.verified' });
export const SellerRejected = event({ ...account, type: 'seller.rejected' });
export const SellerNeedsInfo = event({ ...account, type: 'seller.needs_info' });
export const SellerExpired = event({ ...account, type: 'seller.expired' });
export const SellerSuspended = event({ ...account, type: 'seller.suspended' });
export const SellerRevoked = event({ ...account, type: 'seller.revoked' });

/** Everything that is told of who may sell. */
export const SELLER_EVENTS = [
  ...([SellerSubmitted, SellerVerified, SellerRejected, SellerNeedsInfo] as const),
  ...([SellerExpired, SellerSuspended, SellerRevoked] as const),
] as const;

/** A shop was opened, changed, paused or closed; `status` is what it is now. */
export const ShopUpdated = event({
  type: 'shop.updated',
  topic: 'product',
  subject: ['shop', 'shopId'],
  orderedBy: 'shopId',
  data: z.object({
    shopId: idOf('shop'),
    sellerId: idOf('user'),
    status: z.enum(SHOP_STATUSES),
  }),
});

/** A seller offers a commission, changes it, or offers none any more. */
export const AffiliateUpdated = event({
  type: 'affiliate.updated',
  topic: 'product',
  subject: ['offer', 'offerId'],
  data: z.object({
    offerId: idOf('offer'),
    productId: idOf('product'),
    shopId: idOf('shop'),
    /** Hundredths of a percent; 0 when the offer has ended. */
    rateBps: z.int(),
    previousRateBps: z.int(),
  }),
});

/** Somebody joined an offer, or accepted an invitation. */
export const AffiliateJoined = event({
  type: 'affiliate.joined',
  topic: 'product',
  subject: ['offer', 'offerId'],
  data: z.object({
    offerId: idOf('offer'),
    productId: idOf('product'),
    shopId: idOf('shop'),
    sellerId: idOf('user'),
    creatorId: idOf('user'),
  }),
});

/** Promoters of an offer who have yet to be told of its change: those after the cursor. */
export const PromotersRemain = event({
  type: 'affiliate.promoters_remain',
  topic: 'product',
  subject: ['offer', 'offerId'],
  data: z.object({ offerId: idOf('offer'), cursor: z.string() }),
});
