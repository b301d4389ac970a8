import { reader } from '#platform/auditor.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { changesOfJournals } from './balances.ts';
import { journalOf } from './ledger.ts';
import { Payouts } from './payout.model.ts';
import { type PayoutRow, payeeAccount } from './payout-state.ts';
import { type Difference, type Finding, MOST_DIFFERENCES } from './proof.ts';
import { BEGINNING } from './seals.ts';

const PAGE = 200;
const JOURNALS = ['payout', 'payout_paid', 'payout_returned', 'payout_undone'] as const;

/** Proves that an open payout has its money put aside, and that one at its end has left nothing there. */
export async function provePayouts(deadline: Date): Promise<Finding> {
  const differences: Difference[] = [];
  let read = 0;
  let last: Id = BEGINNING;
  while (clock.now() <= deadline) {
    const after = last;
    const page = await transaction(() => payoutsAfter(after));
    differences.push(...page.differences.slice(0, MOST_DIFFERENCES - differences.length));
    read += page.payouts.length;
    last = page.payouts.at(-1)?._id ?? last;
    if (page.payouts.length < PAGE) return { differences, read, complete: true };
  }
  return { differences, read, complete: false };
}

/** Some payouts with what the books say of them, all of one moment. */
async function payoutsAfter(last: Id) {
  const payouts = await reader(Payouts)
    .find({ _id: { $gt: last } })
    .sort({ _id: 1 })
    .limit(PAGE)
    .lean<PayoutRow[]>();
  const named = (id: PayoutRow['_id']) => JOURNALS.map((type) => journalOf({ type, id }));
  const booked = await changesOfJournals(payouts.flatMap(({ _id }) => named(_id)));
  const differences = payouts.flatMap(({ _id, payee, open, amountMinor }): Difference[] => {
    const aside = payeeAccount(payee, 'in_payout');
    const found = named(_id).reduce((sum, one) => sum + (booked.get(`${one} ${aside}`) ?? 0), 0);
    const expected = open ? amountMinor : 0;
    if (found === expected) return [];
    const subject = _id.toHexString();
    return [{ kind: 'payout', subject, expected: String(expected), found: String(found) }];
  });
  return { payouts, differences };
}
