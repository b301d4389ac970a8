import { recoverCouponClaims } from '#domain/cart/coupon-use.ts';
import { ordersDue } from '#domain/orders/order-deadlines.ts';
import { releaseCheckout } from '#domain/orders/release-order.ts';
import { recoverStockClaim, staleStockClaims } from '#domain/shop/stock.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Give back the stock and coupons of checkouts that were not paid in time, or died.',
  schedule: '* * * * *',
  timeoutSeconds: 300,

  handler: async ({ now, deadline, log }) => {
    const released = await inBatches({
      find: (limit) => ordersDue('pay', now, limit),
      each: (order) => releaseCheckout(order, now),
      deadline,
      log,
    });
    const recovered = await inBatches({
      find: (limit) => staleStockClaims(now, limit),
      each: (claim) => recoverStockClaim(claim, now),
      deadline,
      log,
    });
    const coupons = await recoverCouponClaims(now, 500);
    log.info('reservations released', { released, recovered, coupons });
  },
});
