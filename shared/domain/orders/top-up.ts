import { setting } from '#domain/system/settings.ts';
import { expectCredit, expectedCredit } from '#domain/wallet/expected-credit.ts';
import type { TransactionRow } from '#domain/wallet/ledger.ts';
import { LimitExceeded } from '#domain/wallet/transfer.ts';
import { currencyOf } from '#domain/wallet/wallets.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { type PaymentRow, paymentOfOperation, startPayment } from './payments.ts';
import { askProvider } from './provider-truth.ts';

export class PaymentDeclined extends problem({
  code: 'payment_declined',
  status: 402,
  error: 'Payment declined',
}) {}

export interface TopUpWish {
  readonly user: Id<'user'>;
  readonly amountMinor: number;
  readonly method: string;
  /** The same for every repeat of the request. */
  readonly operation: string;
}

interface TopUp {
  readonly payment: PaymentRow;
  readonly line: TransactionRow;
}

/**
 * Starts to put money into a wallet. The payment is written first and asked for after that, so a
 * repeat goes on where the run before it died. The balance moves only when the provider says that
 * it has the money. Throws `LimitExceeded`, `PaymentDeclined` and `Unavailable`.
 */
export async function topUp(wish: TopUpWish, now: Date): Promise<TopUp> {
  const limitMinor = await setting('wallet.topupMaxMinor');
  if (wish.amountMinor > limitMinor) throw new LimitExceeded({ current: { limitMinor } });
  const begun = (await paymentOfOperation(wish)) ?? (await begin(wish, now));
  const payment = begun.providerRef || ended(begun) ? begun : await askProvider(begun, now);
  if (ended(payment)) throw new PaymentDeclined({ current: payment.failureCode ?? payment.status });
  const line = await expectedCredit(wish.user, { type: 'payment', id: payment._id });
  if (!line) throw new NotFound();
  return { payment, line };
}

const ended = ({ status }: PaymentRow): boolean => status === 'failed' || status === 'cancelled';

async function begin(wish: TopUpWish, now: Date): Promise<PaymentRow> {
  const { user, amountMinor, method, operation } = wish;
  return transaction(async () => {
    const currency = await currencyOf(user);
    const payment = await startPayment(
      {
        purpose: 'topup',
        payer: user,
        provider: 'stripe',
        method,
        amountMinor,
        currency,
        operation,
      },
      now,
    );
    const ref = { type: 'payment', id: payment._id };
    await expectCredit({ user, type: 'topup', amountMinor, currency, ref });
    return payment;
  });
}
