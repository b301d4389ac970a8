// Made by `npm run generate` from the endpoints' own declarations.
import type { z } from 'zod';
import { type Binding, call, type ClientOptions } from '../build/client-runtime.ts';

/** What a part of an input takes; a part that was not declared takes nothing. */
type Taken<Type> = Type extends z.ZodType
  ? unknown extends z.input<Type>
    ? Record<never, never>
    : string extends keyof z.input<Type>
      ? Record<never, never>
      : z.input<Type>
  : Record<never, never>;
type Shape<Declared, Part extends string> = Declared extends { readonly [P in Part]?: infer Type }
  ? Taken<NonNullable<Type>>
  : Record<never, never>;
type Out<Declared> = Declared extends { readonly output: infer Type extends z.ZodType }
  ? z.output<Type>
  : never;
type Input<Declared> = Shape<Declared, 'params'> &
  Shape<Declared, 'query'> &
  Shape<Declared, 'body'>;
interface CallOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}
type Method<Module extends { readonly default: unknown }> = (
  input: Input<Module['default']>,
  options?: CallOptions,
) => Promise<Out<Module['default']>>;

/** Every endpoint as a typed method: `client.contentFeed({ limit: 20 })`. */
export interface Client {
  readonly addressesDelete: Method<typeof import('../../functions/cart/addresses-delete.ts')>;
  readonly addressesList: Method<typeof import('../../functions/cart/addresses-list.ts')>;
  readonly addressesSave: Method<typeof import('../../functions/cart/addresses-save.ts')>;
  readonly adminActions: Method<typeof import('../../functions/admin/admin-actions.ts')>;
  readonly adminAdjust: Method<typeof import('../../functions/admin/admin-adjust.ts')>;
  readonly adminAnalytics: Method<typeof import('../../functions/admin/admin-analytics.ts')>;
  readonly adminBan: Method<typeof import('../../functions/admin/admin-ban.ts')>;
  readonly adminCatalogue: Method<typeof import('../../functions/admin/admin-catalogue.ts')>;
  readonly adminCouponSave: Method<typeof import('../../functions/admin/admin-coupon-save.ts')>;
  readonly adminLedgerAudit: Method<typeof import('../../functions/admin/admin-ledger-audit.ts')>;
  readonly adminLiveRelease: Method<typeof import('../../functions/admin/admin-live-release.ts')>;
  readonly adminOrderAction: Method<typeof import('../../functions/admin/admin-order-action.ts')>;
  readonly adminOrders: Method<typeof import('../../functions/admin/admin-orders.ts')>;
  readonly adminPayoutAction: Method<typeof import('../../functions/admin/admin-payout-action.ts')>;
  readonly adminPayouts: Method<typeof import('../../functions/admin/admin-payouts.ts')>;
  readonly adminRefund: Method<typeof import('../../functions/admin/admin-refund.ts')>;
  readonly adminUsers: Method<typeof import('../../functions/admin/admin-users.ts')>;
  readonly adminVerification: Method<typeof import('../../functions/admin/admin-verification.ts')>;
  readonly adminVerifications: Method<typeof import('../../functions/admin/admin-verifications.ts')>;
  readonly adminVerify: Method<typeof import('../../functions/admin/admin-verify.ts')>;
  readonly affiliateCommissions: Method<typeof import('../../functions/sellers/affiliate-commissions.ts')>;
  readonly affiliateJoin: Method<typeof import('../../functions/sellers/affiliate-join.ts')>;
  readonly affiliateOffers: Method<typeof import('../../functions/sellers/affiliate-offers.ts')>;
  readonly authForgot: Method<typeof import('../../functions/auth/auth-forgot.ts')>;
  readonly authLogin: Method<typeof import('../../functions/auth/auth-login.ts')>;
  readonly authLogout: Method<typeof import('../../functions/auth/auth-logout.ts')>;
  readonly authMfa: Method<typeof import('../../functions/auth/auth-mfa.ts')>;
  readonly authMfaChallenge: Method<typeof import('../../functions/auth/auth-mfa-challenge.ts')>;
  readonly authRefresh: Method<typeof import('../../functions/auth/auth-refresh.ts')>;
  readonly authRegister: Method<typeof import('../../functions/auth/auth-register.ts')>;
  readonly authReset: Method<typeof import('../../functions/auth/auth-reset.ts')>;
  readonly authSessionRevoke: Method<typeof import('../../functions/auth/auth-session-revoke.ts')>;
  readonly authSessions: Method<typeof import('../../functions/auth/auth-sessions.ts')>;
  readonly authVerifyEmail: Method<typeof import('../../functions/auth/auth-verify-email.ts')>;
  readonly captionsUpdate: Method<typeof import('../../functions/content/captions-update.ts')>;
  readonly cartAdd: Method<typeof import('../../functions/cart/cart-add.ts')>;
  readonly cartCheckout: Method<typeof import('../../functions/cart/cart-checkout.ts')>;
  readonly cartCoupon: Method<typeof import('../../functions/cart/cart-coupon.ts')>;
  readonly cartGet: Method<typeof import('../../functions/cart/cart-get.ts')>;
  readonly cartQuote: Method<typeof import('../../functions/cart/cart-quote.ts')>;
  readonly cartRemoveItem: Method<typeof import('../../functions/cart/cart-remove-item.ts')>;
  readonly cartUpdateItem: Method<typeof import('../../functions/cart/cart-update-item.ts')>;
  readonly configGet: Method<typeof import('../../functions/system/config-get.ts')>;
  readonly contentComment: Method<typeof import('../../functions/content/content-comment.ts')>;
  readonly contentComments: Method<typeof import('../../functions/content/content-comments.ts')>;
  readonly contentCreate: Method<typeof import('../../functions/content/content-create.ts')>;
  readonly contentDelete: Method<typeof import('../../functions/content/content-delete.ts')>;
  readonly contentFeed: Method<typeof import('../../functions/content/content-feed.ts')>;
  readonly contentGet: Method<typeof import('../../functions/content/content-get.ts')>;
  readonly contentLike: Method<typeof import('../../functions/content/content-like.ts')>;
  readonly contentUnlike: Method<typeof import('../../functions/content/content-unlike.ts')>;
  readonly contentUpdate: Method<typeof import('../../functions/content/content-update.ts')>;
  readonly contentUpload: Method<typeof import('../../functions/content/content-upload.ts')>;
  readonly contentView: Method<typeof import('../../functions/content/content-view.ts')>;
  readonly health: Method<typeof import('../../functions/system/health.ts')>;
  readonly liveEnd: Method<typeof import('../../functions/live/live-end.ts')>;
  readonly liveGet: Method<typeof import('../../functions/live/live-get.ts')>;
  readonly liveGift: Method<typeof import('../../functions/live/live-gift.ts')>;
  readonly liveHeartbeat: Method<typeof import('../../functions/live/live-heartbeat.ts')>;
  readonly liveJoin: Method<typeof import('../../functions/live/live-join.ts')>;
  readonly liveList: Method<typeof import('../../functions/live/live-list.ts')>;
  readonly liveStart: Method<typeof import('../../functions/live/live-start.ts')>;
  readonly liveWebhook: Method<typeof import('../../functions/live/live-webhook.ts')>;
  readonly mediaComplete: Method<typeof import('../../functions/media/media-complete.ts')>;
  readonly mediaCreateUpload: Method<typeof import('../../functions/media/media-create-upload.ts')>;
  readonly mediaStatus: Method<typeof import('../../functions/media/media-status.ts')>;
  readonly notificationsList: Method<typeof import('../../functions/notifications/notifications-list.ts')>;
  readonly notificationsRead: Method<typeof import('../../functions/notifications/notifications-read.ts')>;
  readonly openapiGet: Method<typeof import('../../functions/system/openapi-get.ts')>;
  readonly ordersAction: Method<typeof import('../../functions/orders/orders-action.ts')>;
  readonly ordersGet: Method<typeof import('../../functions/orders/orders-get.ts')>;
  readonly ordersList: Method<typeof import('../../functions/orders/orders-list.ts')>;
  readonly ordersPay: Method<typeof import('../../functions/orders/orders-pay.ts')>;
  readonly paymentsWebhook: Method<typeof import('../../functions/orders/payments-webhook.ts')>;
  readonly productsCategories: Method<typeof import('../../functions/shop/products-categories.ts')>;
  readonly productsCreate: Method<typeof import('../../functions/shop/products-create.ts')>;
  readonly productsDelete: Method<typeof import('../../functions/shop/products-delete.ts')>;
  readonly productsFeatured: Method<typeof import('../../functions/shop/products-featured.ts')>;
  readonly productsGet: Method<typeof import('../../functions/shop/products-get.ts')>;
  readonly productsInventory: Method<typeof import('../../functions/shop/products-inventory.ts')>;
  readonly productsSearch: Method<typeof import('../../functions/shop/products-search.ts')>;
  readonly productsUpdate: Method<typeof import('../../functions/shop/products-update.ts')>;
  readonly productsVariants: Method<typeof import('../../functions/shop/products-variants.ts')>;
  readonly realtimeToken: Method<typeof import('../../functions/system/realtime-token.ts')>;
  readonly returnsAction: Method<typeof import('../../functions/orders/returns-action.ts')>;
  readonly returnsCreate: Method<typeof import('../../functions/orders/returns-create.ts')>;
  readonly reviewsCreate: Method<typeof import('../../functions/shop/reviews-create.ts')>;
  readonly reviewsList: Method<typeof import('../../functions/shop/reviews-list.ts')>;
  readonly reviewsUpdate: Method<typeof import('../../functions/shop/reviews-update.ts')>;
  readonly sellerAffiliateOffer: Method<typeof import('../../functions/sellers/seller-affiliate-offer.ts')>;
  readonly sellerAnalytics: Method<typeof import('../../functions/sellers/seller-analytics.ts')>;
  readonly sellerApply: Method<typeof import('../../functions/sellers/seller-apply.ts')>;
  readonly sellerCouponSave: Method<typeof import('../../functions/sellers/seller-coupon-save.ts')>;
  readonly sellerCoupons: Method<typeof import('../../functions/sellers/seller-coupons.ts')>;
  readonly sellerDocuments: Method<typeof import('../../functions/sellers/seller-documents.ts')>;
  readonly sellerOrderAction: Method<typeof import('../../functions/sellers/seller-order-action.ts')>;
  readonly sellerOrders: Method<typeof import('../../functions/sellers/seller-orders.ts')>;
  readonly sellerOverview: Method<typeof import('../../functions/sellers/seller-overview.ts')>;
  readonly sellerPayoutRequest: Method<typeof import('../../functions/sellers/seller-payout-request.ts')>;
  readonly sellerPayouts: Method<typeof import('../../functions/sellers/seller-payouts.ts')>;
  readonly sellerShop: Method<typeof import('../../functions/sellers/seller-shop.ts')>;
  readonly shipmentsWebhook: Method<typeof import('../../functions/orders/shipments-webhook.ts')>;
  readonly shopsGet: Method<typeof import('../../functions/sellers/shops-get.ts')>;
  readonly storiesCreate: Method<typeof import('../../functions/stories/stories-create.ts')>;
  readonly storiesDelete: Method<typeof import('../../functions/stories/stories-delete.ts')>;
  readonly storiesTray: Method<typeof import('../../functions/stories/stories-tray.ts')>;
  readonly storiesView: Method<typeof import('../../functions/stories/stories-view.ts')>;
  readonly storiesViewers: Method<typeof import('../../functions/stories/stories-viewers.ts')>;
  readonly usersFollow: Method<typeof import('../../functions/users/users-follow.ts')>;
  readonly usersGet: Method<typeof import('../../functions/users/users-get.ts')>;
  readonly usersMe: Method<typeof import('../../functions/users/users-me.ts')>;
  readonly usersRelation: Method<typeof import('../../functions/users/users-relation.ts')>;
  readonly usersUnfollow: Method<typeof import('../../functions/users/users-unfollow.ts')>;
  readonly usersUpdateMe: Method<typeof import('../../functions/users/users-update-me.ts')>;
  readonly walletBalance: Method<typeof import('../../functions/wallet/wallet-balance.ts')>;
  readonly walletCatalogue: Method<typeof import('../../functions/wallet/wallet-catalogue.ts')>;
  readonly walletCoins: Method<typeof import('../../functions/wallet/wallet-coins.ts')>;
  readonly walletGift: Method<typeof import('../../functions/wallet/wallet-gift.ts')>;
  readonly walletPayoutCancel: Method<typeof import('../../functions/wallet/wallet-payout-cancel.ts')>;
  readonly walletTopup: Method<typeof import('../../functions/wallet/wallet-topup.ts')>;
  readonly walletTransactions: Method<typeof import('../../functions/wallet/wallet-transactions.ts')>;
  readonly walletTransactionsExport: Method<typeof import('../../functions/wallet/wallet-transactions-export.ts')>;
  readonly walletTransfer: Method<typeof import('../../functions/wallet/wallet-transfer.ts')>;
  readonly walletWithdraw: Method<typeof import('../../functions/wallet/wallet-withdraw.ts')>;
  readonly walletWithdrawals: Method<typeof import('../../functions/wallet/wallet-withdrawals.ts')>;
  readonly webhooksCreate: Method<typeof import('../../functions/webhooks/webhooks-create.ts')>;
  readonly webhooksDelete: Method<typeof import('../../functions/webhooks/webhooks-delete.ts')>;
  readonly webhooksList: Method<typeof import('../../functions/webhooks/webhooks-list.ts')>;
  readonly webhooksRedeliver: Method<typeof import('../../functions/webhooks/webhooks-redeliver.ts')>;
  readonly webhooksUpdate: Method<typeof import('../../functions/webhooks/webhooks-update.ts')>;
  readonly wishlistGet: Method<typeof import('../../functions/shop/wishlist-get.ts')>;
  readonly wishlistSet: Method<typeof import('../../functions/shop/wishlist-set.ts')>;
}

const BINDINGS: Readonly<Record<keyof Client, Binding>> = {
  addressesDelete: {"method":"DELETE","path":"/api/addresses/:id","pathNames":["id"],"queryNames":[]},
  addressesList: {"method":"GET","path":"/api/addresses","pathNames":[],"queryNames":[]},
  addressesSave: {"method":"PUT","path":"/api/addresses/:id","pathNames":["id"],"queryNames":[]},
  adminActions: {"method":"GET","path":"/api/admin/actions","pathNames":[],"queryNames":["page","limit","cursor","actor","target","action"]},
  adminAdjust: {"method":"POST","path":"/api/admin/wallet/adjustments","pathNames":[],"queryNames":[]},
  adminAnalytics: {"method":"GET","path":"/api/admin/analytics","pathNames":[],"queryNames":["from","to","granularity"]},
  adminBan: {"method":"PUT","path":"/api/admin/users/:id/ban","pathNames":["id"],"queryNames":[]},
  adminCatalogue: {"method":"PUT","path":"/api/admin/catalogue/:kind/:id","pathNames":["id"],"queryNames":[]},
  adminCouponSave: {"method":"PUT","path":"/api/admin/coupons/:code","pathNames":["code"],"queryNames":[]},
  adminLedgerAudit: {"method":"GET","path":"/api/admin/ledger/audit","pathNames":[],"queryNames":["run"]},
  adminLiveRelease: {"method":"POST","path":"/api/admin/live/:streamId/release","pathNames":["streamId"],"queryNames":[]},
  adminOrderAction: {"method":"POST","path":"/api/admin/orders/:id/actions","pathNames":["id"],"queryNames":[]},
  adminOrders: {"method":"GET","path":"/api/admin/orders","pathNames":[],"queryNames":["page","limit","cursor","orderNo","buyerId","shopId","status","from","to","attention"]},
  adminPayoutAction: {"method":"POST","path":"/api/admin/payouts/:id/actions","pathNames":["id"],"queryNames":[]},
  adminPayouts: {"method":"GET","path":"/api/admin/payouts","pathNames":[],"queryNames":["page","limit","cursor","status"]},
  adminRefund: {"method":"POST","path":"/api/admin/orders/:id/refund","pathNames":["id"],"queryNames":[]},
  adminUsers: {"method":"GET","path":"/api/admin/users","pathNames":[],"queryNames":["page","limit","cursor","q","role","status"]},
  adminVerification: {"method":"GET","path":"/api/admin/verifications/:id","pathNames":["id"],"queryNames":[]},
  adminVerifications: {"method":"GET","path":"/api/admin/verifications","pathNames":[],"queryNames":["page","limit","cursor","status"]},
  adminVerify: {"method":"PUT","path":"/api/admin/users/:id/verify","pathNames":["id"],"queryNames":[]},
  affiliateCommissions: {"method":"GET","path":"/api/affiliate/commissions","pathNames":[],"queryNames":["page","limit","cursor","status","content","live"]},
  affiliateJoin: {"method":"POST","path":"/api/affiliate/offers/:id/join","pathNames":["id"],"queryNames":[]},
  affiliateOffers: {"method":"GET","path":"/api/affiliate/offers","pathNames":[],"queryNames":["page","limit","cursor","list"]},
  authForgot: {"method":"POST","path":"/api/auth/password/forgot","pathNames":[],"queryNames":[]},
  authLogin: {"method":"POST","path":"/api/auth/login","pathNames":[],"queryNames":[]},
  authLogout: {"method":"POST","path":"/api/auth/logout","pathNames":[],"queryNames":[]},
  authMfa: {"method":"PUT","path":"/api/auth/mfa","pathNames":[],"queryNames":[]},
  authMfaChallenge: {"method":"POST","path":"/api/auth/mfa/challenge","pathNames":[],"queryNames":[]},
  authRefresh: {"method":"POST","path":"/api/auth/refresh","pathNames":[],"queryNames":[]},
  authRegister: {"method":"POST","path":"/api/auth/register","pathNames":[],"queryNames":[]},
  authReset: {"method":"POST","path":"/api/auth/password/reset","pathNames":[],"queryNames":[]},
  authSessionRevoke: {"method":"DELETE","path":"/api/auth/sessions/:sid","pathNames":["sid"],"queryNames":[]},
  authSessions: {"method":"GET","path":"/api/auth/sessions","pathNames":[],"queryNames":["page","limit","cursor"]},
  authVerifyEmail: {"method":"POST","path":"/api/auth/email","pathNames":[],"queryNames":[]},
  captionsUpdate: {"method":"PUT","path":"/api/content/:id/captions/:lang","pathNames":["id","lang"],"queryNames":[]},
  cartAdd: {"method":"POST","path":"/api/cart/items","pathNames":[],"queryNames":[]},
  cartCheckout: {"method":"POST","path":"/api/cart/checkout","pathNames":[],"queryNames":[]},
  cartCoupon: {"method":"PUT","path":"/api/cart/coupon","pathNames":[],"queryNames":[]},
  cartGet: {"method":"GET","path":"/api/cart","pathNames":[],"queryNames":[]},
  cartQuote: {"method":"POST","path":"/api/cart/quote","pathNames":[],"queryNames":[]},
  cartRemoveItem: {"method":"DELETE","path":"/api/cart/items/:itemId","pathNames":["itemId"],"queryNames":[]},
  cartUpdateItem: {"method":"PUT","path":"/api/cart/items/:itemId","pathNames":["itemId"],"queryNames":[]},
  configGet: {"method":"GET","path":"/api/config","pathNames":[],"queryNames":[]},
  contentComment: {"method":"POST","path":"/api/content/:id/comment","pathNames":["id"],"queryNames":[]},
  contentComments: {"method":"GET","path":"/api/content/:id/comments","pathNames":["id"],"queryNames":["page","limit","cursor","parent"]},
  contentCreate: {"method":"POST","path":"/api/content","pathNames":[],"queryNames":[]},
  contentDelete: {"method":"DELETE","path":"/api/content/:id","pathNames":["id"],"queryNames":[]},
  contentFeed: {"method":"GET","path":"/api/content/feed","pathNames":[],"queryNames":["page","limit","cursor","mode"]},
  contentGet: {"method":"GET","path":"/api/content/:id","pathNames":["id"],"queryNames":[]},
  contentLike: {"method":"POST","path":"/api/content/:id/like","pathNames":["id"],"queryNames":[]},
  contentUnlike: {"method":"DELETE","path":"/api/content/:id/like","pathNames":["id"],"queryNames":[]},
  contentUpdate: {"method":"PUT","path":"/api/content/:id","pathNames":["id"],"queryNames":[]},
  contentUpload: {"method":"POST","path":"/api/content/upload","pathNames":[],"queryNames":[]},
  contentView: {"method":"POST","path":"/api/content/:id/view","pathNames":["id"],"queryNames":[]},
  health: {"method":"GET","path":"/api/health","pathNames":[],"queryNames":["deep"]},
  liveEnd: {"method":"POST","path":"/api/live/:streamId/end","pathNames":["streamId"],"queryNames":[]},
  liveGet: {"method":"GET","path":"/api/live/:streamId","pathNames":["streamId"],"queryNames":[]},
  liveGift: {"method":"POST","path":"/api/live/:streamId/gift","pathNames":["streamId"],"queryNames":[]},
  liveHeartbeat: {"method":"POST","path":"/api/live/:streamId/heartbeat","pathNames":["streamId"],"queryNames":[]},
  liveJoin: {"method":"POST","path":"/api/live/:streamId/join","pathNames":["streamId"],"queryNames":[]},
  liveList: {"method":"GET","path":"/api/live","pathNames":[],"queryNames":["page","limit","cursor","list"]},
  liveStart: {"method":"POST","path":"/api/live/start","pathNames":[],"queryNames":[]},
  liveWebhook: {"method":"POST","path":"/api/live/webhooks/agora","pathNames":[],"queryNames":[]},
  mediaComplete: {"method":"POST","path":"/api/media/uploads/:assetId/complete","pathNames":["assetId"],"queryNames":[]},
  mediaCreateUpload: {"method":"POST","path":"/api/media/uploads","pathNames":[],"queryNames":[]},
  mediaStatus: {"method":"GET","path":"/api/media/uploads/:assetId","pathNames":["assetId"],"queryNames":[]},
  notificationsList: {"method":"GET","path":"/api/notifications","pathNames":[],"queryNames":["page","limit","cursor"]},
  notificationsRead: {"method":"POST","path":"/api/notifications/read","pathNames":[],"queryNames":[]},
  openapiGet: {"method":"GET","path":"/api/openapi.json","pathNames":[],"queryNames":[]},
  ordersAction: {"method":"POST","path":"/api/orders/:id/actions","pathNames":["id"],"queryNames":[]},
  ordersGet: {"method":"GET","path":"/api/orders/:id","pathNames":["id"],"queryNames":[]},
  ordersList: {"method":"GET","path":"/api/orders","pathNames":[],"queryNames":["page","limit","cursor","view"]},
  ordersPay: {"method":"POST","path":"/api/orders/:id/pay","pathNames":["id"],"queryNames":[]},
  paymentsWebhook: {"method":"POST","path":"/api/payments/webhooks/:provider","pathNames":["provider"],"queryNames":[]},
  productsCategories: {"method":"GET","path":"/api/products/categories","pathNames":[],"queryNames":[]},
  productsCreate: {"method":"POST","path":"/api/products","pathNames":[],"queryNames":[]},
  productsDelete: {"method":"DELETE","path":"/api/products/:id","pathNames":["id"],"queryNames":[]},
  productsFeatured: {"method":"GET","path":"/api/products/featured","pathNames":[],"queryNames":["page","limit","cursor"]},
  productsGet: {"method":"GET","path":"/api/products/:id","pathNames":["id"],"queryNames":[]},
  productsInventory: {"method":"POST","path":"/api/products/:id/inventory","pathNames":["id"],"queryNames":[]},
  productsSearch: {"method":"GET","path":"/api/products/search","pathNames":[],"queryNames":["page","limit","cursor","q","category","shop","minPrice","maxPrice","rating","inStock","sort"]},
  productsUpdate: {"method":"PUT","path":"/api/products/:id","pathNames":["id"],"queryNames":[]},
  productsVariants: {"method":"PUT","path":"/api/products/:id/variants","pathNames":["id"],"queryNames":[]},
  realtimeToken: {"method":"POST","path":"/api/realtime/token","pathNames":[],"queryNames":[]},
  returnsAction: {"method":"POST","path":"/api/returns/:id/actions","pathNames":["id"],"queryNames":[]},
  returnsCreate: {"method":"POST","path":"/api/orders/:id/returns","pathNames":["id"],"queryNames":[]},
  reviewsCreate: {"method":"POST","path":"/api/products/:id/reviews","pathNames":["id"],"queryNames":[]},
  reviewsList: {"method":"GET","path":"/api/products/:id/reviews","pathNames":["id"],"queryNames":["page","limit","cursor","rating","media","variant","sort"]},
  reviewsUpdate: {"method":"PUT","path":"/api/products/reviews/:reviewId","pathNames":["reviewId"],"queryNames":[]},
  sellerAffiliateOffer: {"method":"PUT","path":"/api/seller/affiliate-offers/:productId","pathNames":["productId"],"queryNames":[]},
  sellerAnalytics: {"method":"GET","path":"/api/seller/analytics","pathNames":[],"queryNames":["from","to"]},
  sellerApply: {"method":"POST","path":"/api/seller/applications","pathNames":[],"queryNames":[]},
  sellerCouponSave: {"method":"PUT","path":"/api/seller/coupons/:code","pathNames":["code"],"queryNames":[]},
  sellerCoupons: {"method":"GET","path":"/api/seller/coupons","pathNames":[],"queryNames":["page","limit","cursor"]},
  sellerDocuments: {"method":"POST","path":"/api/seller/documents","pathNames":[],"queryNames":[]},
  sellerOrderAction: {"method":"POST","path":"/api/seller/orders/:id/actions","pathNames":["id"],"queryNames":[]},
  sellerOrders: {"method":"GET","path":"/api/seller/orders","pathNames":[],"queryNames":["page","limit","cursor","status","view"]},
  sellerOverview: {"method":"GET","path":"/api/seller","pathNames":[],"queryNames":[]},
  sellerPayoutRequest: {"method":"POST","path":"/api/seller/payouts","pathNames":[],"queryNames":[]},
  sellerPayouts: {"method":"GET","path":"/api/seller/payouts","pathNames":[],"queryNames":["page","limit","cursor","share"]},
  sellerShop: {"method":"PUT","path":"/api/seller/shop","pathNames":[],"queryNames":[]},
  shipmentsWebhook: {"method":"POST","path":"/api/shipments/webhooks/:carrier","pathNames":["carrier"],"queryNames":[]},
  shopsGet: {"method":"GET","path":"/api/shops/:id","pathNames":["id"],"queryNames":[]},
  storiesCreate: {"method":"POST","path":"/api/stories","pathNames":[],"queryNames":[]},
  storiesDelete: {"method":"DELETE","path":"/api/stories/:id","pathNames":["id"],"queryNames":[]},
  storiesTray: {"method":"GET","path":"/api/stories","pathNames":[],"queryNames":[]},
  storiesView: {"method":"POST","path":"/api/stories/:id/view","pathNames":["id"],"queryNames":[]},
  storiesViewers: {"method":"GET","path":"/api/stories/:id/viewers","pathNames":["id"],"queryNames":["page","limit","cursor"]},
  usersFollow: {"method":"POST","path":"/api/users/:id/follow","pathNames":["id"],"queryNames":[]},
  usersGet: {"method":"GET","path":"/api/users/:id","pathNames":["id"],"queryNames":[]},
  usersMe: {"method":"GET","path":"/api/users/me","pathNames":[],"queryNames":[]},
  usersRelation: {"method":"PUT","path":"/api/users/:id/relation","pathNames":["id"],"queryNames":[]},
  usersUnfollow: {"method":"DELETE","path":"/api/users/:id/unfollow","pathNames":["id"],"queryNames":[]},
  usersUpdateMe: {"method":"PUT","path":"/api/users/me","pathNames":[],"queryNames":[]},
  walletBalance: {"method":"GET","path":"/api/wallet/balance","pathNames":[],"queryNames":[]},
  walletCatalogue: {"method":"GET","path":"/api/wallet/catalogue","pathNames":[],"queryNames":["locale"]},
  walletCoins: {"method":"POST","path":"/api/wallet/coins","pathNames":[],"queryNames":[]},
  walletGift: {"method":"POST","path":"/api/wallet/gifts","pathNames":[],"queryNames":[]},
  walletPayoutCancel: {"method":"POST","path":"/api/wallet/payouts/:id/cancel","pathNames":["id"],"queryNames":[]},
  walletTopup: {"method":"POST","path":"/api/wallet/topup","pathNames":[],"queryNames":[]},
  walletTransactions: {"method":"GET","path":"/api/wallet/transactions","pathNames":[],"queryNames":["page","limit","cursor","type","from","to"]},
  walletTransactionsExport: {"method":"GET","path":"/api/wallet/transactions/export","pathNames":[],"queryNames":["from","to"]},
  walletTransfer: {"method":"POST","path":"/api/wallet/transfer","pathNames":[],"queryNames":[]},
  walletWithdraw: {"method":"POST","path":"/api/wallet/withdrawals","pathNames":[],"queryNames":[]},
  walletWithdrawals: {"method":"GET","path":"/api/wallet/withdrawals","pathNames":[],"queryNames":["page","limit","cursor","share"]},
  webhooksCreate: {"method":"POST","path":"/api/webhooks","pathNames":[],"queryNames":[]},
  webhooksDelete: {"method":"DELETE","path":"/api/webhooks/:id","pathNames":["id"],"queryNames":[]},
  webhooksList: {"method":"GET","path":"/api/webhooks","pathNames":[],"queryNames":["page","limit","cursor","webhook"]},
  webhooksRedeliver: {"method":"POST","path":"/api/webhooks/:id/redeliver","pathNames":["id"],"queryNames":[]},
  webhooksUpdate: {"method":"PUT","path":"/api/webhooks/:id","pathNames":["id"],"queryNames":[]},
  wishlistGet: {"method":"GET","path":"/api/wishlist","pathNames":[],"queryNames":["page","limit","cursor"]},
  wishlistSet: {"method":"PUT","path":"/api/wishlist/:productId","pathNames":["productId"],"queryNames":[]},
};

/** A client of the API. Failures reject with an `ApiError` that carries the stable code. */
export const createClient = (options: ClientOptions): Client =>
  Object.fromEntries(
    Object.entries(BINDINGS).map(([name, binding]) => [
      name,
      (input: Record<string, unknown>, perCall: CallOptions = {}) =>
        call(options, binding, input, perCall),
    ]),
  ) as unknown as Client;
