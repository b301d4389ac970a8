import type { PipelineStage } from 'mongoose';
import { z } from 'zod';
import { after, days } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { Orders } from './order.model.ts';

const MOST_DAYS = 92;
const USUAL_DAYS = 28;

const Sales = {
  orders: z.int(),
  units: z.int(),
  /** What buyers paid, with shipping and tax. */
  salesMinor: z.int(),
  /** What they got back of it. */
  refundedMinor: z.int(),
  /** What is the shop's of it. */
  earningsMinor: z.int(),
};
const Share = z.object({ units: z.int(), salesMinor: z.int() });

/** How a shop sells. Amounts are minor units of its currency; days are UTC. */
export const SalesReport = z.object({
  currency: z.string(),
  from: z.iso.datetime(),
  /** Exclusive. */
  to: z.iso.datetime(),
  total: z.object({
    ...Sales,
    cancelled: z.int(),
    /** Orders of which something was, or is to be, given back. */
    returns: z.int(),
  }),
  /** Of what was ordered, how much was paid for; null while nothing was ordered. */
  conversion: z.object({ placed: z.int(), paid: z.int(), rateBps: z.int().nullable() }),
  /** Where buyers saw what they bought, by the price of the goods. */
  sources: z.object({ video: Share, live: Share, direct: Share }),
  /** What creators brought, and what they earn with it; part of the sources above. */
  affiliate: z.object({ ...Share.shape, commissionMinor: z.int() }),
  /** Days on which something was sold. */
  days: z.array(z.object({ day: z.iso.date(), ...Sales })),
});
type SalesReport = z.infer<typeof SalesReport>;

interface Span {
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
}

/** What a shop sold in a span of time, the last four weeks unless said. Throws `ValidationFailed`. */
export async function salesOf(
  { _id: shop, currency }: { readonly _id: Id<'shop'>; readonly currency: string },
  { from: start, to = start ? after(start, days(USUAL_DAYS)) : undefined }: Span,
  now: Date,
): Promise<SalesReport> {
  const end = to ?? now;
  const from = start ?? after(end, -days(USUAL_DAYS));
  if (from >= end || end.getTime() - from.getTime() > days(MOST_DAYS))
    throw new ValidationFailed({
      field: 'from',
      details: [`from: before to, and at most ${MOST_DAYS} days before it`],
    });
  const placed = { shop, createdAt: { $gte: from, $lt: end } };
  const paid = { ...placed, paidAt: { $exists: true } };
  const byDay = (await Orders.aggregate<DayRow>(dailyOf(paid))).sort((one, other) =>
    one._id < other._id ? -1 : 1,
  );
  const bySource = await Orders.aggregate<SourceRow>(sourcesOf(paid));
  const placedCount = await Orders.countDocuments(placed);
  const total = summed(byDay);
  return {
    currency,
    from: from.toISOString(),
    to: end.toISOString(),
    total,
    conversion: {
      placed: placedCount,
      paid: total.orders,
      rateBps: placedCount === 0 ? null : Math.floor((total.orders * 10_000) / placedCount),
    },
    ...sharesOf(bySource),
    days: byDay.map(({ _id, ...sales }) => ({ day: _id, ...sales })),
  };
}

interface DayRow extends Readonly<Record<keyof typeof Sales | 'cancelled' | 'returns', number>> {
  readonly _id: string;
}

const count = (condition: object) => ({ $sum: { $cond: [condition, 1, 0] } });

const dailyOf = (match: object): PipelineStage[] => [
  { $match: match },
  {
    $group: {
      _id: { $dateToString: { date: '$createdAt', format: '%Y-%m-%d' } },
      orders: { $sum: 1 },
      units: { $sum: { $sum: '$lines.quantity' } },
      salesMinor: { $sum: '$totalMinor' },
      refundedMinor: {
        $sum: {
          $add: [
            '$refunded.itemsMinor',
            '$refunded.shippingMinor',
            '$refunded.taxMinor',
            '$refunded.goodwillMinor',
          ],
        },
      },
      earningsMinor: { $sum: '$shares.sellerMinor' },
      cancelled: count({ $eq: ['$status', 'cancelled'] }),
      returns: count({ $ne: ['$returnStatus', 'none'] }),
    },
  },
];

const summed = (rows: readonly DayRow[]): SalesReport['total'] => {
  const all = (field: Exclude<keyof DayRow, '_id'>) =>
    rows.reduce((sum, row) => sum + row[field], 0);
  return {
    orders: all('orders'),
    units: all('units'),
    salesMinor: all('salesMinor'),
    refundedMinor: all('refundedMinor'),
    earningsMinor: all('earningsMinor'),
    cancelled: all('cancelled'),
    returns: all('returns'),
  };
};

interface SourceRow {
  readonly _id: { readonly source: 'video' | 'live' | 'direct'; readonly affiliate: boolean };
  readonly units: number;
  readonly salesMinor: number;
  readonly commissionMinor: number;
}

const given = (field: string) => ({ $gt: [field, null] });

const sourcesOf = (match: object): PipelineStage[] => [
  { $match: match },
  { $unwind: '$lines' },
  {
    $group: {
      _id: {
        source: {
          $cond: [
            given('$lines.source.live'),
            'live',
            { $cond: [given('$lines.source.content'), 'video', 'direct'] },
          ],
        },
        affiliate: given('$lines.affiliate.creator'),
      },
      units: { $sum: '$lines.quantity' },
      salesMinor: { $sum: { $subtract: ['$lines.itemsMinor', '$lines.sellerDiscountMinor'] } },
      commissionMinor: { $sum: '$lines.affiliate.amountMinor' },
    },
  },
];

function sharesOf(rows: readonly SourceRow[]): Pick<SalesReport, 'sources' | 'affiliate'> {
  const sum = (wanted: (row: SourceRow) => boolean) => {
    const chosen = rows.filter(wanted);
    const all = (field: 'units' | 'salesMinor' | 'commissionMinor') =>
      chosen.reduce((before, row) => before + row[field], 0);
    return {
      units: all('units'),
      salesMinor: all('salesMinor'),
      commissionMinor: all('commissionMinor'),
    };
  };
  const of = (source: SourceRow['_id']['source']) => {
    const { units, salesMinor } = sum(({ _id }) => _id.source === source);
    return { units, salesMinor };
  };
  return {
    sources: { video: of('video'), live: of('live'), direct: of('direct') },
    affiliate: sum(({ _id }) => _id.affiliate),
  };
}
