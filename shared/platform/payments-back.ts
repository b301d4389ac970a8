import type Stripe from 'stripe';
import { asking } from './payments.ts';

/** Money on its way back to a card, as the provider sees it now. */
export interface ProviderRefund {
  readonly refundRef: string;
  /** Ours, as given when it was created. */
  readonly refundId?: string;
  /** Which of our attempts at that refund it is. */
  readonly attempt: number;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'cancelled';
  readonly amountMinor: number;
  readonly failureCode?: string;
}

export interface RefundOrder {
  /** Ours; with the attempt it is the provider's idempotency key: asking twice refunds once. */
  readonly refundId: string;
  /** 0, and one more each time the provider has failed for good. */
  readonly attempt: number;
  readonly providerRef: string;
  readonly amountMinor: number;
}

const keyOf = ({ refundId, attempt }: Pick<RefundOrder, 'refundId' | 'attempt'>): string =>
  attempt === 0 ? refundId : `${refundId}:${attempt}`;

/** Sends money back to the card it came from. */
export const refundPayment = (order: RefundOrder): Promise<ProviderRefund> =>
  asking(async (stripe) => {
    const { refundId, attempt, providerRef, amountMinor } = order;
    return toRefund(
      await stripe.refunds.create(
        {
          payment_intent: providerRef,
          amount: amountMinor,
          metadata: { refundId, attempt: String(attempt) },
        },
        { idempotencyKey: keyOf(order) },
      ),
    );
  });

/** The refund as it is now: banks send some of them back after days. */
export const retrieveRefund = (refundRef: string): Promise<ProviderRefund> =>
  asking(async (stripe) => toRefund(await stripe.refunds.retrieve(refundRef)));

const MOST_REFUNDS = 100;

/** The refund that an attempt has made, if it got so far: the provider forgets keys after a day, but not refunds. */
export const findRefund = ({
  refundId,
  attempt,
  providerRef,
}: Omit<RefundOrder, 'amountMinor'>): Promise<ProviderRefund | undefined> =>
  asking(async (stripe) => {
    const made = stripe.refunds.list({ payment_intent: providerRef, limit: MOST_REFUNDS });
    for await (const refund of made) {
      const found = toRefund(refund);
      if (found.refundId === refundId && found.attempt === attempt) return found;
    }
    return undefined;
  });

function toRefund({ id, status, amount, failure_reason, metadata }: Stripe.Refund): ProviderRefund {
  const refundId = metadata?.['refundId'];
  return {
    refundRef: id,
    ...(refundId ? { refundId } : {}),
    attempt: Number(metadata?.['attempt'] ?? 0),
    status:
      status === 'succeeded' || status === 'failed'
        ? status
        : status === 'canceled'
          ? 'cancelled'
          : 'pending',
    amountMinor: amount,
    ...(failure_reason ? { failureCode: failure_reason } : {}),
  };
}

/** A buyer's bank wants money back, as the provider sees it now. */
export interface ProviderDispute {
  readonly disputeRef: string;
  /** The payment it is about, as `ProviderPayment.providerRef`. */
  readonly providerRef: string | undefined;
  readonly amountMinor: number;
  /** `inquiry` only asks, and has taken nothing. */
  readonly status: 'inquiry' | 'open' | 'won' | 'lost';
}

/** The dispute as it is now. */
export const retrieveDispute = (disputeRef: string): Promise<ProviderDispute> =>
  asking(async (stripe) => {
    const { id, amount, status, payment_intent } = await stripe.disputes.retrieve(disputeRef);
    const providerRef = typeof payment_intent === 'string' ? payment_intent : payment_intent?.id;
    return { disputeRef: id, providerRef, amountMinor: amount, status: disputeStatus(status) };
  });

const disputeStatus = (status: string): ProviderDispute['status'] =>
  status === 'won' || status === 'lost'
    ? status
    : status.startsWith('warning')
      ? 'inquiry'
      : 'open';
