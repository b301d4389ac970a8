import type Stripe from 'stripe';
import { asking } from './payments.ts';

/** A payout as the provider sees it now. Amounts are whole minor units. */
export interface ProviderPayout {
  readonly payoutRef: string;
  /** Ours, as given when it was created. */
  readonly payoutId?: string;
  /** A bank can send money back after days: `failed` may follow `paid`. */
  readonly status: 'pending' | 'paid' | 'failed';
  readonly amountMinor: number;
  /** Three capital letters. */
  readonly currency: string;
  /** Why it did not arrive, in the provider's words: `account_closed`. */
  readonly failureCode?: string;
}

export interface PayoutOrder {
  /** Ours; a notice can come before we have stored the provider's. */
  readonly payoutId: string;
  /** The provider's idempotency key: asking twice pays once. */
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The provider's id of the bank account. */
  readonly destination: string;
}

/** Sends money to a bank account. Throws `ProviderRefused` when it was not sent, and will not be. */
export const createPayout = (order: PayoutOrder): Promise<ProviderPayout> =>
  asking(async (stripe) => {
    const { payoutId, key, amountMinor, currency, destination } = order;
    return toPayout(
      await stripe.payouts.create(
        {
          amount: amountMinor,
          currency: currency.toLowerCase(),
          destination,
          metadata: { payoutId },
        },
        { idempotencyKey: key },
      ),
    );
  });

/** The payout as it is now. */
export const retrievePayout = (payoutRef: string): Promise<ProviderPayout> =>
  asking(async (stripe) => toPayout(await stripe.payouts.retrieve(payoutRef)));

/** The latest payouts to one bank account that are looked through for ours. */
const LOOKED_THROUGH = 100;

/** Looks for a payout whose creation was not answered; a key is remembered for a day only. */
export const findPayout = (
  payoutId: string,
  destination: string,
): Promise<ProviderPayout | undefined> =>
  asking(async (stripe) => {
    const { data } = await stripe.payouts.list({ destination, limit: LOOKED_THROUGH });
    return data.map(toPayout).find((one) => one.payoutId === payoutId);
  });

function toPayout(payout: Stripe.Payout): ProviderPayout {
  const { id, status, amount, currency, failure_code, metadata } = payout;
  const payoutId = metadata?.['payoutId'];
  const ended = status === 'failed' || status === 'canceled';
  return {
    payoutRef: id,
    ...(payoutId && { payoutId }),
    status: ended ? 'failed' : status === 'paid' ? 'paid' : 'pending',
    amountMinor: amount,
    currency: currency.toUpperCase(),
    ...(ended && { failureCode: failure_code ?? status }),
  };
}
