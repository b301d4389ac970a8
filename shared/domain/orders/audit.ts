import { auditLedger } from '#domain/wallet/audit.ts';
import { takenIn } from '#domain/wallet/balances.ts';
import { journalOf } from '#domain/wallet/ledger.ts';
import type { Difference, Finding, Proof } from '#domain/wallet/proof.ts';
import { BEGINNING } from '#domain/wallet/seals.ts';
import { settle, unsettledUsers } from '#domain/wallet/settle.ts';
import { reader } from '#platform/auditor.ts';
import { clock } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { Payments } from './payment.model.ts';
import { proveOrders } from './prove-orders.ts';

const PAGE = 500;

/** Adds to wallets what nobody asked for, then proves all books and all payments. */
export async function audit(now: Date, deadline: Date): Promise<Proof> {
  for (const user of await unsettledUsers(now, PAGE))
    if (clock.now() < deadline) await settle(user, now);
  return auditLedger({
    now,
    deadline,
    payments: () => provePayments(deadline),
    orders: () => proveOrders(deadline),
  });
}

/** Proves that what was captured is what the ledger took in, payment by payment. */
async function provePayments(deadline: Date): Promise<Finding> {
  const differences: Difference[] = [];
  let read = 0;
  let last = BEGINNING;
  while (clock.now() <= deadline) {
    const payments = await reader(Payments)
      .find({ _id: { $gt: last } }, { status: 1, capturedMinor: 1 })
      .sort({ _id: 1 })
      .limit(PAGE)
      .lean();
    const journal = (id: Id) => journalOf({ type: 'payment', id });
    const taken = await takenIn(payments.map(({ _id }) => journal(_id)));
    for (const { _id, capturedMinor } of payments) {
      const found = taken.get(journal(_id)) ?? 0;
      if (found !== capturedMinor && differences.length < PAGE)
        differences.push({
          kind: 'payment',
          subject: _id.toHexString(),
          expected: String(capturedMinor),
          found: String(found),
        });
    }
    read += payments.length;
    last = payments.at(-1)?._id ?? last;
    if (payments.length < PAGE) return { differences, read, complete: true };
  }
  return { differences, read, complete: false };
}
