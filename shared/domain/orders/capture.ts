import { notify } from '#domain/notifications/notifications.ts';
import { cashOf, escrowOf } from '#domain/wallet/accounts.ts';
import { expectedCredit, giveUpCredit } from '#domain/wallet/expected-credit.ts';
import { post } from '#domain/wallet/ledger.ts';
import { WalletCredited } from '#domain/wallet/wallet-events.ts';
import { transaction } from '#platform/database.ts';
import { publish } from '#platform/outbox.ts';
import { mustMove, type PaymentRow } from './payments.ts';

const refOf = ({ _id }: PaymentRow) => ({ type: 'payment', id: _id });

/** Puts captured money where it belongs, in the transaction that captured it and as its last step. */
export async function bookCapture(payment: PaymentRow, now: Date): Promise<void> {
  await (payment.purpose === 'order' ? bookOrders(payment, now) : bookCredit(payment, now));
}

async function bookOrders(payment: PaymentRow, now: Date): Promise<void> {
  const { allocations, currency, payer, provider } = payment;
  const from = provider === 'wallet' ? cashOf(payer) : 'psp';
  await post(
    {
      event: refOf(payment),
      movements: allocations.map(({ order, amountMinor }) => ({
        from,
        to: escrowOf(order),
        amountMinor,
        currency,
      })),
      line: { type: 'order', from: payer },
    },
    now,
  );
}

async function bookCredit(payment: PaymentRow, now: Date): Promise<void> {
  const { capturedMinor: amountMinor, currency, payer } = payment;
  const ref = refOf(payment);
  const expected = await expectedCredit(payer, ref);
  const [line] = await post(
    {
      event: ref,
      movements: [{ from: 'psp', to: cashOf(payer), amountMinor, currency }],
      line: { type: 'topup', to: payer, ...(expected && { pending: expected._id }) },
    },
    now,
  );
  if (!line) throw new Error('A credit has a statement line');
  const credited = { userId: payer, transactionId: line._id, reason: payment.purpose };
  await publish(WalletCredited, credited, { now });
  await notify({ user: payer, type: 'topup_settled', subject: ref }, now);
}

/** Tells the payer that nothing came of a payment, in the transaction that decided so. */
export async function bookFailure(payment: PaymentRow, now: Date): Promise<void> {
  const { payer, purpose, status } = payment;
  if (purpose !== 'order') await giveUpCredit(payer, refOf(payment));
  if (status !== 'failed') return;
  const type = purpose === 'order' ? 'payment_failed' : 'topup_failed';
  await notify({ user: payer, type, subject: refOf(payment) }, now);
}

/** Pays with the payer's own balance, at once. Throws `InsufficientBalance`. */
export const captureFromWallet = (payment: PaymentRow, now: Date): Promise<PaymentRow> =>
  transaction(async () => {
    const learned = { capturedMinor: payment.amountMinor };
    const captured = await mustMove(payment._id, 'captured', learned, now);
    await bookCapture(captured, now);
    return captured;
  });
