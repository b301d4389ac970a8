import { CouponView, couponsOfShop, toCouponView } from '#domain/cart/coupon-list.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { endpoint } from '#platform/endpoint.ts';
import { named, PageQuery, pageOf } from '#platform/page.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'List the coupons of the caller’s shop and how much of them is used, newest first.',
  method: 'GET',
  path: '/api/seller/coupons',
  access: 'seller',
  rateLimit: perActor(120, 'minute'),
  query: PageQuery,
  output: pageOf('coupons', CouponView),
  problems: [NoActiveShop],

  handler: async ({ actor, query }) => {
    const { _id } = await ownShop(actor.id);
    return named('coupons', await couponsOfShop(_id, query), toCouponView);
  },
});
