import { cartsToForget, forgetCart, idleCarts, remindOf } from '#domain/cart/idle-carts.ts';
import { noticeWishes } from '#domain/shop/wishlist.ts';
import { inBatches, job } from '#platform/job.ts';

export default job({
  summary: 'Remind of idle carts once, tell of price drops and restocks, and forget old carts.',
  schedule: '0 16 * * *',
  timeoutSeconds: 540,

  handler: async ({ now, deadline, log }) => {
    const forgotten = await inBatches({
      find: (limit) => cartsToForget(now, limit),
      each: forgetCart,
      deadline,
      log,
    });
    const reminded = await inBatches({
      find: (limit) => idleCarts(now, limit),
      each: (cart) => remindOf(cart, now),
      deadline,
      log,
    });
    const wishes = await noticeWishes(now, deadline);
    log.info('carts reminded', { forgotten: forgotten.done, reminded: reminded.done, wishes });
  },
});
