import { type Behaviour, behaviourOf, paymentMethod } from './cards.ts';
import { type Charge, captureCharge, openCharge } from './charges.ts';
import type { Desk } from './desk.ts';
import { Failure, invalid } from './failure.ts';
import type { Thing } from './store.ts';

const SETTLES_AFTER_MS = 200;

type Status =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'canceled'
  | 'succeeded';

export interface Intent extends Thing {
  readonly object: 'payment_intent';
  readonly amount: number;
  readonly amount_capturable: number;
  readonly amount_received: number;
  readonly capture_method: string;
  readonly client_secret: string;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly last_payment_error: unknown;
  readonly latest_charge: string | null;
  readonly metadata: Record<string, string>;
  readonly next_action: unknown;
  readonly payment_method: string | null;
  readonly status: Status;
}

/** Asks the bank, whose answer depends on the card. */
export function confirm(desk: Desk, intent: Intent, returnUrl: string | undefined): Intent {
  if (!intent.payment_method)
    throw invalid(
      'You cannot confirm this PaymentIntent because it has no payment method.',
      'payment_intent_unexpected_state',
    );
  const behaviour = behaviourOf(paymentMethod(desk, intent.payment_method));
  if (behaviour.kind === 'decline') return decline(desk, intent, behaviour);
  if (behaviour.kind === 'ask') return ask(desk, intent, returnUrl);
  return authorize(desk, intent, behaviour.kind);
}

/** The bank agreed: the money is taken, reserved, or on its way. */
function authorize(desk: Desk, intent: Intent, when: 'now' | 'later' | 'undecided'): Intent {
  const method = paymentMethod(desk, intent.payment_method ?? '');
  const manual = intent.capture_method === 'manual';
  const waits = when !== 'now' && !manual;
  const charge = openCharge(desk, intent, method, waits ? 'pending' : 'succeeded');
  const begun: Intent = {
    ...intent,
    latest_charge: charge.id,
    last_payment_error: null,
    next_action: null,
  };
  if (waits) {
    if (when === 'later') desk.later(SETTLES_AFTER_MS, 'settle', intent);
    const processing = desk.save<Intent>({ ...begun, status: 'processing' });
    desk.emit('payment_intent.processing', processing);
    return processing;
  }
  if (!manual) return settle(desk, begun, charge, intent.amount);
  const held = desk.save<Intent>({
    ...begun,
    status: 'requires_capture',
    amount_capturable: intent.amount,
  });
  desk.emit('payment_intent.amount_capturable_updated', held);
  return held;
}

/** Takes the money. */
export function settle(desk: Desk, intent: Intent, charge: Charge, amountTaken: number): Intent {
  captureCharge(desk, charge, amountTaken);
  const paid = desk.save<Intent>({
    ...intent,
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: amountTaken,
  });
  desk.emit('payment_intent.succeeded', paid);
  return paid;
}

/** What was on its way has arrived. */
export function settleLater(desk: Desk, id: string): void {
  const intent = desk.get<Intent>('payment_intent', id);
  if (intent.status !== 'processing' || !intent.latest_charge) return;
  settle(desk, intent, desk.get<Charge>('charge', intent.latest_charge), intent.amount);
}

function ask(desk: Desk, intent: Intent, returnUrl: string | undefined): Intent {
  const url = `${desk.origin}/_local/payment_intents/${intent.id}/authenticate`;
  const next_action = returnUrl
    ? { type: 'redirect_to_url', redirect_to_url: { url, return_url: returnUrl } }
    : {
        type: 'use_stripe_sdk',
        use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
      };
  const asking = desk.save<Intent>({ ...intent, status: 'requires_action', next_action });
  desk.emit('payment_intent.requires_action', asking);
  return asking;
}

/** The buyer answered their bank, well or badly. */
export function authenticateIntent(desk: Desk, id: string, succeeds: boolean): Intent {
  const intent = desk.get<Intent>('payment_intent', id, 'intent');
  expectStatus(intent, 'authenticate', ['requires_action']);
  if (succeeds) return authorize(desk, intent, 'now');
  const code = 'payment_intent_authentication_failure';
  const error = {
    type: 'invalid_request_error',
    code,
    message: 'The buyer was not authenticated.',
  };
  return failed(desk, intent, error, intent.latest_charge);
}

function decline(desk: Desk, intent: Intent, why: Extract<Behaviour, { kind: 'decline' }>): never {
  const method = paymentMethod(desk, intent.payment_method ?? '');
  const charge = openCharge(desk, intent, method, 'failed', why);
  desk.emit('charge.failed', charge);
  const error = {
    type: 'card_error',
    code: why.code,
    decline_code: why.decline,
    doc_url: `https://stripe.com/docs/error-codes/${why.code}`,
    message: 'Your card was declined.',
    charge: charge.id,
    payment_method: method,
  };
  const payment_intent = failed(desk, intent, error, charge.id);
  throw new Failure(402, { ...error, payment_intent });
}

function failed(desk: Desk, intent: Intent, error: unknown, charge: string | null): Intent {
  const unpaid = desk.save<Intent>({
    ...intent,
    status: 'requires_payment_method',
    payment_method: null,
    last_payment_error: error,
    latest_charge: charge,
    next_action: null,
  });
  desk.emit('payment_intent.payment_failed', unpaid);
  return unpaid;
}

/** Refuses what cannot be done in the state an intent is in. */
export function expectStatus(intent: Intent, verb: string, allowed: readonly Status[]): void {
  if (allowed.includes(intent.status)) return;
  throw invalid(
    `You cannot ${verb} this PaymentIntent because it has a status of ${intent.status}.`,
    'payment_intent_unexpected_state',
    undefined,
    { payment_intent: intent },
  );
}
