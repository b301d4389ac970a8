import { z } from 'zod';
import { type Id, IdText } from '#platform/id.ts';
import { countAll, findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type OrderStatus, Orders } from './order.model.ts';
import type { OrderRow } from './order-state.ts';
import { OrderView, toOrderView } from './order-view.ts';
import { PAYMENT_STATUSES, Payments, PROVIDERS } from './payment.model.ts';
import type { PaymentRow } from './payments.ts';
import { Refunds } from './refund.model.ts';
import type { RefundRow } from './refund-state.ts';
import { StaffRefund, toStaffRefund } from './refund-view.ts';
import { ReturnRequests } from './return.model.ts';

/** What somebody has to look at: a refund that got stuck, a bank that wants money back, a quarrel. */
export const ATTENTION = ['manual_refund', 'dispute', 'escalated_return'] as const;
type Attention = (typeof ATTENTION)[number];

const StaffPayment = z.object({
  id: IdText,
  provider: z.enum(PROVIDERS),
  providerRef: z.string().nullable(),
  status: z.enum(PAYMENT_STATUSES),
  currency: z.string(),
  /** Of all orders it is for. */
  amountMinor: z.int(),
  capturedMinor: z.int(),
  refundedMinor: z.int(),
  refundingMinor: z.int(),
  /** Of this order. */
  allocatedMinor: z.int(),
  dispute: z.enum(['none', 'open', 'won', 'lost']),
  disputedMinor: z.int(),
  failureCode: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

/** An order as staff sees it: with its payments and refunds. Amounts are minor units. */
export const StaffOrder = OrderView.extend({
  sellerId: IdText,
  disputed: z.boolean(),
  payments: z.array(StaffPayment),
  refunds: z.array(StaffRefund),
});
type StaffOrder = z.infer<typeof StaffOrder>;

export interface OrderSearch {
  readonly orderNo?: string | undefined;
  readonly buyerId?: Id<'user'> | undefined;
  readonly shopId?: Id<'shop'> | undefined;
  readonly status?: OrderStatus | undefined;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
  readonly attention?: Attention | undefined;
}

/** Orders of everybody, newest first; those that need somebody the longest waiting first. */
export async function allOrders(search: OrderSearch, query: PageQuery): Promise<Page<StaffOrder>> {
  const { orderNo, attention } = search;
  if (orderNo !== undefined) return all(await Orders.find({ orderNo }).lean<OrderRow[]>());
  if (attention) return all(await ordersThatNeed(attention, query.limit));
  const { buyerId, shopId, status, from, to } = search;
  const where = {
    ...(buyerId && { buyer: buyerId }),
    ...(shopId && { shop: shopId }),
    ...(status && { status }),
    ...((from || to) && { createdAt: { ...(from && { $gte: from }), ...(to && { $lt: to }) } }),
  };
  const { items, ...paging } = await findPage({
    model: Orders,
    where,
    ...(Object.keys(where).length === 0 && { total: () => countAll(Orders) }),
    sort: { field: 'createdAt', direction: -1 },
    scope: `all-orders:${buyerId?.toHexString()}:${shopId?.toHexString()}:${status}`,
    query,
  });
  return { items: await withMoney(items as OrderRow[]), ...paging };
}

async function all(rows: readonly OrderRow[]): Promise<Page<StaffOrder>> {
  const limit = Math.max(1, rows.length);
  const pagination = { page: 1, limit, total: rows.length, pages: rows.length > 0 ? 1 : 0 };
  return { items: await withMoney(rows), pagination, nextCursor: null };
}

async function ordersThatNeed(what: Attention, limit: number): Promise<OrderRow[]> {
  const wanted = await ORDERS_WITH[what](limit);
  const rows = wanted.length ? await Orders.find({ _id: { $in: wanted } }).lean<OrderRow[]>() : [];
  const byId = new Map(rows.map((row) => [row._id.toHexString(), row]));
  const order = [...new Set(wanted.map((id) => id.toHexString()))];
  return order.flatMap((id) => byId.get(id) ?? []);
}

const LONGEST_WAITING = { updatedAt: 1, _id: 1 } as const;

const ORDERS_WITH: Readonly<Record<Attention, (limit: number) => Promise<Id<'order'>[]>>> = {
  manual_refund: async (limit) => {
    const status = 'manual';
    const rows = await Refunds.find({ status }, { order: 1 })
      .sort(LONGEST_WAITING)
      .limit(limit)
      .lean();
    return rows.map(({ order }) => order);
  },
  dispute: async (limit) => {
    const rows = await Payments.find({ dispute: 'open' }, { allocations: 1 })
      .sort(LONGEST_WAITING)
      .limit(limit)
      .lean();
    return rows.flatMap(({ allocations }) => allocations.map(({ order }) => order));
  },
  escalated_return: async (limit) => {
    const status = 'escalated';
    const rows = await ReturnRequests.find({ status }, { order: 1 })
      .sort(LONGEST_WAITING)
      .limit(limit)
      .lean();
    return rows.map(({ order }) => order);
  },
};

/** The money of a page of orders, in two queries. */
const MOST = 2000;

async function withMoney(orders: readonly OrderRow[]): Promise<StaffOrder[]> {
  if (orders.length === 0) return [];
  const ids = orders.map(({ _id }) => _id);
  const [payments, refunds] = await Promise.all([
    Payments.find({ 'allocations.order': { $in: ids } })
      .limit(MOST)
      .lean<PaymentRow[]>(),
    Refunds.find({ order: { $in: ids } })
      .limit(MOST)
      .lean<RefundRow[]>(),
  ]);
  return orders.map((order) => ({
    ...toOrderView(order, 'staff'),
    sellerId: order.seller.toHexString(),
    disputed: order.disputed === true,
    payments: payments.flatMap((payment) => toStaffPayment(payment, order._id)),
    refunds: refunds.filter((refund) => refund.order.equals(order._id)).map(toStaffRefund),
  }));
}

function toStaffPayment(payment: PaymentRow, order: Id<'order'>): z.infer<typeof StaffPayment>[] {
  const allocation = payment.allocations.find((one) => one.order.equals(order));
  if (!allocation) return [];
  return [
    {
      id: payment._id.toHexString(),
      provider: payment.provider,
      providerRef: payment.providerRef ?? null,
      status: payment.status,
      currency: payment.currency,
      amountMinor: payment.amountMinor,
      capturedMinor: payment.capturedMinor,
      refundedMinor: payment.refundedMinor,
      refundingMinor: payment.refundingMinor,
      allocatedMinor: allocation.amountMinor,
      dispute: payment.dispute,
      disputedMinor: payment.disputedMinor,
      failureCode: payment.failureCode ?? null,
      createdAt: payment.createdAt.toISOString(),
    },
  ];
}
