import { z } from 'zod';
import { PostalView } from '#domain/cart/addresses.ts';
import { IdText, sameId } from '#platform/id.ts';
import { ORDER_DEADLINES, ORDER_STATUSES, type OrderStatus } from './order.model.ts';
import type { OrderLine } from './order-line.ts';
import type { OrderRow } from './order-state.ts';

const moment = z.iso.datetime().nullable();

const LineView = z.object({
  id: IdText,
  productId: IdText,
  variantId: IdText,
  title: z.string(),
  sku: z.string(),
  optionValues: z.record(z.string(), z.string()),
  imageUrl: z.string().nullable(),
  quantity: z.int(),
  unitMinor: z.int(),
  itemsMinor: z.int(),
  discountMinor: z.int(),
  taxMinor: z.int(),
  shippedQuantity: z.int(),
  cancelledQuantity: z.int(),
  refundedQuantity: z.int(),
});

/** An order as one of those involved sees it. Amounts are minor units of `currency`. */
export const OrderView = z.object({
  id: IdText,
  orderNo: z.string(),
  checkoutId: IdText,
  buyerId: IdText,
  shopId: IdText,
  status: z.enum(ORDER_STATUSES),
  returnStatus: z.enum(['none', 'open', 'closed']),
  currency: z.string(),
  lines: z.array(LineView),
  itemsMinor: z.int(),
  /** Of lines and shipping. */
  discountMinor: z.int(),
  shippingMinor: z.int(),
  taxMinor: z.int(),
  totalMinor: z.int(),
  /** What the buyer got back of the total, and beyond it. */
  refundedMinor: z.int(),
  coupons: z.array(z.object({ code: z.string(), discountMinor: z.int() })),
  shippingMethod: z.object({
    code: z.string(),
    name: z.string(),
    minDays: z.int(),
    maxDays: z.int(),
  }),
  /** Null for the seller until it is theirs to ship, and when it no longer is. */
  address: PostalView.nullable(),
  note: z.string().nullable(),
  /** For the seller only. */
  sellerNote: z.string().nullable(),
  /** What the seller gets of it, less what was refunded. Null for the buyer and before it is paid. */
  earningsMinor: z.int().nullable(),
  shipBy: moment,
  /** What happens next when nobody does anything. */
  deadline: z.object({ kind: z.enum(ORDER_DEADLINES), at: z.iso.datetime() }).nullable(),
  cancellation: z
    .object({
      by: z.enum(['buyer', 'seller', 'system', 'staff']),
      reason: z.string(),
      /** Set when the buyer asked and the seller has to agree. */
      requestedAt: moment,
    })
    .nullable(),
  paymentId: IdText.nullable(),
  invoiceNo: z.string().nullable(),
  createdAt: z.iso.datetime(),
  paidAt: moment,
  deliveredAt: moment,
  completedAt: moment,
});
export type OrderView = z.infer<typeof OrderView>;

export type OrderViewer = 'buyer' | 'seller' | 'staff';

/** Where the seller has to know where it goes. */
const ADDRESS_SHOWN: readonly OrderStatus[] = [
  'awaiting_shipment',
  'partially_shipped',
  'shipped',
  'delivered',
  'completed',
];

const iso = (date: Date | undefined): string | null => date?.toISOString() ?? null;

/** What the buyer got back so far, in minor units. */
export const refundedMinor = ({ refunded }: Pick<OrderRow, 'refunded'>): number =>
  refunded.itemsMinor + refunded.shippingMinor + refunded.taxMinor + refunded.goodwillMinor;

export function toOrderView(order: OrderRow, viewer: OrderViewer): OrderView {
  const { address, cancellation, deadline, shippingMethod } = order;
  const { code, name, minDays, maxDays } = shippingMethod;
  const hidden = viewer === 'seller' && !ADDRESS_SHOWN.includes(order.status);
  return {
    id: order._id.toHexString(),
    orderNo: order.orderNo,
    checkoutId: order.checkout.toHexString(),
    buyerId: order.buyer.toHexString(),
    shopId: order.shop.toHexString(),
    status: order.status,
    returnStatus: order.returnStatus,
    currency: order.currency,
    lines: order.lines.map(toLineView),
    itemsMinor: order.itemsMinor,
    discountMinor: order.discountMinor,
    shippingMinor: order.shippingMinor,
    taxMinor: order.taxMinor,
    totalMinor: order.totalMinor,
    refundedMinor: refundedMinor(order),
    coupons: order.coupons.map((one) => ({ code: one.code, discountMinor: one.discountMinor })),
    shippingMethod: { code, name, minDays, maxDays },
    address: hidden ? null : { ...address, lines: [...address.lines] },
    note: order.note ?? null,
    sellerNote: viewer === 'buyer' ? null : (order.sellerNote ?? null),
    earningsMinor: viewer === 'buyer' ? null : (order.shares?.sellerMinor ?? null),
    shipBy: iso(order.shipBy),
    deadline: deadline ? { kind: deadline.kind, at: deadline.at.toISOString() } : null,
    cancellation: cancellation
      ? {
          by: cancellation.by,
          reason: cancellation.reason,
          requestedAt: iso(cancellation.requestedAt),
        }
      : null,
    paymentId: viewer === 'seller' ? null : (order.payment?.toHexString() ?? null),
    invoiceNo: order.invoiceNo ?? null,
    createdAt: order.createdAt.toISOString(),
    paidAt: iso(order.paidAt),
    deliveredAt: iso(order.deliveredAt),
    completedAt: iso(order.completedAt),
  };
}

const toLineView = (line: OrderLine) => ({
  id: line.id.toHexString(),
  productId: line.product.toHexString(),
  variantId: line.variant.toHexString(),
  title: line.title,
  sku: line.sku,
  optionValues: { ...line.optionValues },
  imageUrl: line.imageUrl ?? null,
  quantity: line.quantity,
  unitMinor: line.unitMinor,
  itemsMinor: line.itemsMinor,
  discountMinor: line.sellerDiscountMinor + line.platformDiscountMinor,
  taxMinor: line.taxMinor,
  shippedQuantity: line.shippedQuantity,
  cancelledQuantity: line.cancelledQuantity,
  refundedQuantity: line.refundedQuantity,
});

export const OrderStep = z.object({
  status: z.string(),
  at: z.iso.datetime(),
  by: z.enum(['buyer', 'seller', 'staff', 'system']),
  note: z.string().nullable(),
});

/** What has happened to an order, oldest first. */
export const timelineOf = ({ timeline, buyer, seller }: OrderRow): z.infer<typeof OrderStep>[] =>
  timeline.map(({ status, at, by, note }) => ({
    status,
    at: at.toISOString(),
    by: !by ? 'system' : sameId(by, buyer) ? 'buyer' : sameId(by, seller) ? 'seller' : 'staff',
    note: note ?? null,
  }));
