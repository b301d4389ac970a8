import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText } from '#platform/id.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { COMMISSION_STATUSES, type Commission, Commissions } from './commission.model.ts';

export { COMMISSION_STATUSES } from './commission.model.ts';

type CommissionRow = Commission & Stored;

export const CommissionView = z.object({
  id: IdText,
  orderId: IdText,
  offerId: IdText,
  status: z.enum(COMMISSION_STATUSES),
  /** Minor units of `currency`, as the others: what it was counted from. */
  baseMinor: z.int(),
  /** What is left of it after refunds. */
  amountMinor: z.int(),
  reversedMinor: z.int(),
  currency: z.string(),
  contentId: IdText.nullable(),
  liveId: IdText.nullable(),
  createdAt: z.iso.datetime(),
});
export type CommissionView = z.infer<typeof CommissionView>;

export const toCommissionView = (row: CommissionRow): CommissionView => ({
  id: row._id.toHexString(),
  orderId: row.order.toHexString(),
  offerId: row.offer.toHexString(),
  status: row.status,
  baseMinor: row.baseMinor,
  amountMinor: row.amountMinor,
  reversedMinor: row.reversedMinor,
  currency: row.currency,
  contentId: row.source.content?.toHexString() ?? null,
  liveId: row.source.live?.toHexString() ?? null,
  createdAt: row.createdAt.toISOString(),
});

export interface CommissionFilter {
  readonly status?: Commission['status'] | undefined;
  readonly content?: Id<'content'> | undefined;
  readonly live?: Id<'live'> | undefined;
}

/** What somebody earned, newest first: all of it, or what one filter leaves. */
export const commissionsOf = (
  creator: Id<'user'>,
  { status, content, live }: CommissionFilter,
  query: PageQuery,
): Promise<Page<CommissionRow>> =>
  findPage<Commission>({
    model: Commissions,
    where: {
      creator,
      ...(status && { status }),
      ...(content && { 'source.content': content }),
      ...(live && { 'source.live': live }),
    },
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `commissions:${creator.toHexString()}:${status ?? content ?? live ?? ''}`,
  });
