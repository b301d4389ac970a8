import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { IdText } from '#platform/id.ts';
import { countAll, findPage, type Page, type PageQuery } from '#platform/page.ts';
import {
  HOLD_REASONS,
  PAYOUT_SOURCES,
  PAYOUT_STATUSES,
  type Payout,
  type PayoutStatus,
  Payouts,
} from './payout.model.ts';
import { PAYEE_TYPES } from './payout-account.model.ts';
import type { PayoutRow } from './payout-state.ts';

/** A payout as its payee sees it. Amounts are minor units. */
export const PayoutView = z.object({
  id: IdText,
  status: z.enum(PAYOUT_STATUSES),
  amount: z.int(),
  currency: z.string(),
  /** The label of the account it goes to. */
  account: z.string(),
  items: z.array(
    z.object({ source: z.enum(PAYOUT_SOURCES), amount: z.int(), diamonds: z.int().nullable() }),
  ),
  /** Why it waits. */
  hold: z.enum(HOLD_REASONS).nullable(),
  /** Why it did not arrive, in the bank's words. */
  failureCode: z.string().nullable(),
  requestedAt: z.iso.datetime(),
  /** Of its latest change of state. */
  changedAt: z.iso.datetime(),
});
export type PayoutView = z.infer<typeof PayoutView>;

export function toPayoutView(payout: PayoutRow): PayoutView {
  const { _id, status, amountMinor, currency, account, items, hold, failureCode } = payout;
  return {
    id: _id.toHexString(),
    status,
    amount: amountMinor,
    currency,
    account: account.label,
    items: items.map(({ source, minor, diamonds }) => ({
      source,
      amount: minor,
      diamonds: diamonds ?? null,
    })),
    hold: hold?.reason ?? null,
    failureCode: failureCode ?? null,
    requestedAt: payout.createdAt.toISOString(),
    changedAt: (payout.timeline.at(-1)?.at ?? payout.createdAt).toISOString(),
  };
}

/** A payout as staff sees it. */
export const StaffPayout = PayoutView.extend({
  payee: z.object({ type: z.enum(PAYEE_TYPES), id: IdText }),
  user: IdText,
  /** Those who have approved it so far. */
  approvedBy: z.array(IdText),
  /** A second person is asked for. */
  approvalId: IdText.nullable(),
  holdNote: z.string().nullable(),
  providerRef: z.string().nullable(),
  timeline: z.array(
    z.object({
      status: z.enum(PAYOUT_STATUSES),
      at: z.iso.datetime(),
      by: IdText.nullable(),
      note: z.string().nullable(),
    }),
  ),
});
export type StaffPayout = z.infer<typeof StaffPayout>;

export const toStaffPayout = (payout: PayoutRow): StaffPayout => ({
  ...toPayoutView(payout),
  payee: { type: payout.payee.type, id: payout.payee.id.toHexString() },
  user: payout.user.toHexString(),
  approvedBy: payout.approvedBy.map((id) => id.toHexString()),
  approvalId: payout.approval?.toHexString() ?? null,
  holdNote: payout.hold?.note ?? null,
  providerRef: payout.providerRef ?? null,
  timeline: payout.timeline.map(({ status, at, by, note }) => ({
    status,
    at: at.toISOString(),
    by: by?.toHexString() ?? null,
    note: note ?? null,
  })),
});

/** All payouts, or those in one state, newest first. */
export const allPayouts = (
  status: PayoutStatus | undefined,
  query: PageQuery,
): Promise<Page<Payout & Stored>> =>
  findPage<Payout>({
    model: Payouts,
    where: status ? { status } : {},
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `payouts:${status ?? 'all'}`,
    ...(!status && { total: () => countAll(Payouts) }),
  });
