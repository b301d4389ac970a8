import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import {
  cancelPayment,
  createPayment,
  type ProviderPayment,
  ProviderRefused,
  ProviderUnavailable,
} from '#platform/payments.ts';
import { NotFound, Unavailable } from '#platform/problem.ts';
import { bookCapture, bookFailure } from './capture.ts';
import { move, note, type PaymentRow, paymentById } from './payments.ts';

/**
 * Makes a payment what the provider says it is. The answer to our own call, a webhook and the
 * reconciler all come through here, in any order and any number: the first to bring news moves the
 * payment, and whoever comes later changes nothing.
 */
export const applyTruth = (
  id: Id<'payment'>,
  truth: ProviderPayment,
  now: Date,
): Promise<PaymentRow> =>
  transaction(async () => {
    const payment = await paymentById(id);
    if (!payment) throw new NotFound();
    if (contradicts(payment, truth)) {
      log.error('payment mismatch', { paymentId: id.toHexString(), status: truth.status });
      return payment;
    }
    const { status, providerRef, capturedMinor, failureCode, clientAction } = truth;
    const known = payment.providerRef === providerRef;
    // What was captured stays captured, whatever was refunded since: a late notice brings no news.
    if (payment.capturedMinor > 0 || status === payment.status || status === 'created') {
      if (!known) await note(id, { providerRef });
      return { ...payment, providerRef };
    }
    const moved = await move(
      id,
      status,
      {
        providerRef,
        ...(status === 'captured' && { capturedMinor }),
        ...(failureCode !== undefined && { failureCode }),
        ...(clientAction && { clientAction }),
      },
      now,
    );
    if (!moved) return payment;
    if (status === 'captured') await bookCapture(moved, now);
    if (status === 'failed' || status === 'cancelled') await bookFailure(moved, now);
    return moved;
  });

/** Another sum, another currency or another payment than we asked for: nothing to act on by itself. */
const contradicts = (payment: PaymentRow, truth: ProviderPayment): boolean =>
  truth.currency !== payment.currency ||
  truth.amountMinor !== payment.amountMinor ||
  (truth.status === 'captured' && truth.capturedMinor !== payment.amountMinor) ||
  (payment.providerRef !== undefined && payment.providerRef !== truth.providerRef);

/** Ends a payment that the provider has not taken, or will not take. */
export const giveUp = (id: Id<'payment'>, failureCode: string, now: Date): Promise<void> =>
  transaction(async () => {
    const failed = await move(id, 'failed', { failureCode }, now);
    if (failed) await bookFailure(failed, now);
  });

/**
 * Asks the provider for a payment and applies its answer; never inside a transaction. Asking again
 * is safe: the payment's id is the provider's idempotency key. Throws `Unavailable` when there was
 * no answer; what became of the payment, the webhook or the reconciler will tell.
 */
export const askProvider = (payment: PaymentRow, now: Date): Promise<PaymentRow> => {
  const { _id, amountMinor, currency, method, purpose, payer } = payment;
  const order = {
    paymentId: _id.toHexString(),
    amountMinor,
    currency,
    paymentMethod: method,
    description: `Mixillo ${purpose}`,
    metadata: { purpose, payer: payer.toHexString() },
  };
  return learn(payment, () => createPayment(order), now);
};

/**
 * Calls a payment off, so that nobody pays with it any more. What it has become may be something
 * else: captured before that, or still `open` while the provider decides. Never inside a
 * transaction. Throws `Unavailable` when the provider does not answer.
 */
export async function callOff(payment: PaymentRow, now: Date): Promise<PaymentRow> {
  const { _id, open, providerRef } = payment;
  if (!open) return payment;
  if (providerRef !== undefined) return learn(payment, () => cancelPayment(providerRef), now);
  // Asking for it now would make the provider take it. If it has, its notice says so.
  const cancelled = await transaction(() => move(_id, 'cancelled', {}, now));
  return cancelled ?? (await paymentById(_id)) ?? payment;
}

async function learn(
  payment: PaymentRow,
  ask: () => Promise<ProviderPayment>,
  now: Date,
): Promise<PaymentRow> {
  const { _id } = payment;
  try {
    return await applyTruth(_id, await ask(), now);
  } catch (error) {
    if (error instanceof ProviderUnavailable)
      throw new Unavailable({ retryAfterSeconds: 5, cause: error });
    if (!(error instanceof ProviderRefused)) throw error;
    await giveUp(_id, error.code, now);
    return (await paymentById(_id)) ?? payment;
  }
}
