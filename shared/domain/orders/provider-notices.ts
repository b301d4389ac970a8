import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { once } from '#platform/idempotency.ts';
import { log } from '#platform/log.ts';
import { publish } from '#platform/outbox.ts';
import { type ProviderNotice, retrievePayment, verifyWebhook } from '#platform/payments.ts';
import { problem } from '#platform/problem.ts';
import { ProviderNotified } from './payment-events.ts';
import { type PaymentRow, paymentById, paymentOfProvider } from './payments.ts';
import { applyTruth } from './provider-truth.ts';

export class InvalidSignature extends problem({
  code: 'invalid_signature',
  status: 400,
  error: 'Invalid signature',
}) {}

/**
 * Takes a notice of the card provider: proves where it is from and passes it on once. What it says
 * about money is not believed; see `followNotice`. Throws `InvalidSignature`.
 */
export async function takeNotice(rawBody: Buffer, signature: string | undefined, now: Date) {
  const { noticeId, type, providerRef, objectRef } = await verified(rawBody, signature);
  const facts = {
    provider: 'stripe' as const,
    noticeId,
    notice: type,
    ...(providerRef !== undefined && { providerRef }),
    objectRef,
  };
  const work = () =>
    transaction(async () => {
      await publish(ProviderNotified, facts, { now });
      return { status: 200, body: { received: true } };
    });
  await once({ scope: 'hook:stripe', key: noticeId, input: noticeId, now, work });
}

async function verified(rawBody: Buffer, signature: string | undefined): Promise<ProviderNotice> {
  try {
    return await verifyWebhook(rawBody, signature, clock.machine());
  } catch (cause) {
    throw new InvalidSignature({ cause });
  }
}

/** Asks the provider what has become of the payment a notice is about, and makes it so here. */
export async function followNotice(providerRef: string, now: Date): Promise<void> {
  const truth = await retrievePayment(providerRef);
  const payment = await ours(providerRef, truth.paymentId);
  if (payment) await applyTruth(payment._id, truth, now);
  else log.warning('notice of a payment that is not ours', { providerRef });
}

/** By the provider's id, or by our own when it is faster than the answer to our call. */
async function ours(providerRef: string, paymentId?: string): Promise<PaymentRow | null> {
  const known = await paymentOfProvider('stripe', providerRef);
  if (known || !paymentId || !/^[0-9a-f]{24}$/.test(paymentId)) return known;
  return paymentById(toId<'payment'>(paymentId));
}
