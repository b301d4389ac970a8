import type Stripe from 'stripe';
import { config } from './config.ts';

export type ProviderPaymentStatus =
  | 'created'
  | 'requires_action'
  | 'authorized'
  | 'captured'
  | 'failed'
  | 'cancelled';

/** A payment as the provider sees it now. Amounts are whole minor units. */
export interface ProviderPayment {
  readonly providerRef: string;
  /** Ours, as given when it was created. A notice can come before we have stored the provider's. */
  readonly paymentId?: string;
  readonly status: ProviderPaymentStatus;
  readonly amountMinor: number;
  /** Three capital letters. */
  readonly currency: string;
  readonly capturedMinor: number;
  /** Why a card was refused, in the provider's words: `insufficient_funds`. */
  readonly failureCode?: string;
  /** What the buyer's own device must do next. */
  readonly clientAction?: ClientAction;
}

export interface ClientAction {
  readonly type: 'authenticate';
  /** For the provider's library on the buyer's device. */
  readonly clientSecret: string;
}

/** A notice of the provider, proven to come from it. */
export interface ProviderNotice {
  /** Stable over repeats of the same notice. */
  readonly noticeId: string;
  /** The provider's name for what happened: `payment_intent.succeeded`. */
  readonly type: string;
  /** The payment it is about, as `ProviderPayment.providerRef`. */
  readonly providerRef?: string;
  /** The thing it is about: that payment, or a refund, dispute, payout or transfer. */
  readonly objectRef: string;
}

/** The provider did not answer, or not sensibly. What was asked may have happened or not: ask again with the same ids. */
export class ProviderUnavailable extends Error {
  override readonly name = 'ProviderUnavailable';
  /** The provider's own number of the failed request, if there is one. */
  readonly requestId: string | undefined;

  constructor(what: string, requestId?: string) {
    super(`The payment provider is not available: ${what}`);
    this.requestId = requestId;
  }
}

/** The provider understood and refuses: the request contradicts what it knows. Asking again does not help. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
  readonly code: string;

  constructor(code: string) {
    super(`The payment provider refuses: ${code}`);
    this.code = code;
  }
}

/** A notice that does not come from the provider, or came too late to tell. */
export class NoticeNotGenuine extends Error {
  override readonly name = 'NoticeNotGenuine';
}

const TIMEOUT_MS = 10_000;
const RETRIES = 2;
const SIGNATURE_TOLERANCE_SECONDS = 300;

export interface PaymentOrder {
  /** Ours, and the provider's idempotency key: asking twice pays once. */
  readonly paymentId: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** The provider's id of the buyer's card. */
  readonly paymentMethod: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Asks the provider to take a payment. A refused card is a `failed` payment, not an error. */
export async function createPayment(order: PaymentOrder): Promise<ProviderPayment> {
  const { paymentId, amountMinor, currency, paymentMethod, description, metadata } = order;
  return refusedCardIsAnAnswer(async (stripe) =>
    toPayment(
      await stripe.paymentIntents.create(
        {
          amount: amountMinor,
          currency: currency.toLowerCase(),
          payment_method: paymentMethod,
          allowed_payment_method_types: ['card'],
          confirm: true,
          use_stripe_sdk: true, // What the buyer must do next is done by the provider's library on their device.
          description,
          metadata: { ...metadata, paymentId },
        },
        { idempotencyKey: paymentId },
      ),
    ),
  );
}

/** The payment as it is now, for whoever missed the notice. */
export const retrievePayment = (providerRef: string): Promise<ProviderPayment> =>
  asking(async (stripe) => toPayment(await stripe.paymentIntents.retrieve(providerRef)));

/**
 * The payment made for this id of ours, for whoever never heard of it; undefined when there is none.
 * The provider finds what is a minute old, or older.
 */
export const findPayment = (paymentId: string): Promise<ProviderPayment | undefined> =>
  asking(async (stripe) => {
    const query = `metadata['paymentId']:'${paymentId}'`;
    const { data } = await stripe.paymentIntents.search({ query, limit: 1 });
    return data[0] && toPayment(data[0]);
  });

/** Gives a payment up. A payment that is no longer open is not changed; its state tells what it became. */
export const cancelPayment = (providerRef: string): Promise<ProviderPayment> =>
  asking(async (stripe) => {
    try {
      return toPayment(await stripe.paymentIntents.cancel(providerRef));
    } catch (error) {
      const decided =
        error instanceof stripe.errors.StripeInvalidRequestError &&
        error.code === 'payment_intent_unexpected_state';
      if (!decided) throw error;
      return toPayment(await stripe.paymentIntents.retrieve(providerRef));
    }
  });

/** Reads a notice. Throws NoticeNotGenuine when it is not signed by the provider within five minutes. */
export async function verifyWebhook(
  rawBody: Buffer,
  signature: string | undefined,
  now: Date,
): Promise<ProviderNotice> {
  const event = await genuine(rawBody, signature ?? '', now);
  const about = event.data.object as { id?: string; object: string; payment_intent?: unknown };
  const objectRef = about.id ?? '';
  const intent = about.object === 'payment_intent' ? objectRef : about.payment_intent;
  return {
    noticeId: event.id,
    type: event.type,
    objectRef,
    ...(typeof intent === 'string' ? { providerRef: intent } : {}),
  };
}

async function genuine(rawBody: Buffer, signature: string, now: Date): Promise<Stripe.Event> {
  const { webhooks, errors } = await provider();
  const { STRIPE_WEBHOOK_SECRET: secret } = config();
  const tolerance = SIGNATURE_TOLERANCE_SECONDS;
  try {
    return webhooks.constructEvent(rawBody, signature, secret, tolerance, undefined, now.getTime());
  } catch (error) {
    if (error instanceof errors.StripeSignatureVerificationError || error instanceof SyntaxError)
      throw new NoticeNotGenuine(error.message);
    throw error;
  }
}

let connecting: Promise<Stripe> | undefined;

const provider = (): Promise<Stripe> => (connecting ??= connect());

async function connect(): Promise<Stripe> {
  const { default: Client } = await import('stripe');
  return new Client(config().STRIPE_SECRET_KEY, {
    timeout: TIMEOUT_MS,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    ...address(config().STRIPE_API_BASE),
  });
}

function address(base: string | undefined): Stripe.StripeConfig {
  if (base === undefined) return {};
  const { hostname, port, protocol } = new URL(base);
  const http = protocol === 'http:';
  return { host: hostname, port: port || (http ? 80 : 443), protocol: http ? 'http' : 'https' };
}

function toPayment(intent: Stripe.PaymentIntent): ProviderPayment {
  const refusal = intent.last_payment_error;
  const status = statusOf(intent);
  const asks = status === 'requires_action' && intent.client_secret;
  const paymentId = intent.metadata['paymentId'];
  return {
    providerRef: intent.id,
    ...(paymentId ? { paymentId } : {}),
    status,
    amountMinor: intent.amount,
    currency: intent.currency.toUpperCase(),
    capturedMinor: intent.amount_received,
    ...(status === 'failed' && refusal ? { failureCode: codeOf(refusal) } : {}),
    ...(asks ? { clientAction: { type: 'authenticate', clientSecret: asks } } : {}),
  };
}

function statusOf({ status, last_payment_error }: Stripe.PaymentIntent): ProviderPaymentStatus {
  switch (status) {
    case 'succeeded':
      return 'captured';
    case 'requires_capture':
      return 'authorized';
    case 'requires_action':
      return 'requires_action';
    case 'canceled':
      return 'cancelled';
    case 'requires_payment_method':
      return last_payment_error ? 'failed' : 'created';
    default:
      return 'created';
  }
}

const codeOf = ({ decline_code, code }: { decline_code?: string; code?: string }): string =>
  decline_code ?? code ?? 'unknown';

/** A card that is refused comes as an error which carries the payment. */
const refusedCardIsAnAnswer = (
  work: (stripe: Stripe) => Promise<ProviderPayment>,
): Promise<ProviderPayment> =>
  asking(async (stripe) => {
    try {
      return await work(stripe);
    } catch (error) {
      const refused = error instanceof stripe.errors.StripeCardError;
      if (!refused || !error.payment_intent) throw error;
      return { ...toPayment(error.payment_intent), status: 'failed', failureCode: codeOf(error) };
    }
  });

/** Runs a call and says in our words how it failed, without the request, which holds the key. */
export async function asking<Result>(work: (stripe: Stripe) => Promise<Result>): Promise<Result> {
  const stripe = await provider();
  try {
    return await work(stripe);
  } catch (error) {
    if (!(error instanceof stripe.errors.StripeError)) throw error;
    const { statusCode = 0, requestId, code, rawType } = error;
    const contradicts = statusCode === 400 || statusCode === 402 || statusCode === 404;
    if (contradicts) throw new ProviderRefused(code ?? rawType ?? 'invalid_request');
    throw new ProviderUnavailable(statusCode ? `status ${statusCode}` : error.type, requestId);
  }
}
