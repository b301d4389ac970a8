import type { Charge } from './charges.ts';
import type { Intent } from './confirm.ts';
import type { Desk } from './desk.ts';
import { Failure, invalid } from './failure.ts';
import {
  amount,
  currency,
  type Form,
  metadata,
  only,
  required,
  requiredAmount,
  text,
} from './form.ts';
import { newId, type Thing } from './store.ts';

const SETTLES_AFTER_MS = 300;

interface Refund extends Thing {
  readonly object: 'refund';
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled';
}

interface Payout extends Thing {
  readonly object: 'payout';
  readonly amount: number;
  readonly currency: string;
  readonly metadata: Record<string, string>;
  readonly status: 'pending' | 'paid' | 'failed' | 'canceled';
}

interface Transfer extends Thing {
  readonly object: 'transfer';
  readonly amount: number;
  readonly metadata: Record<string, string>;
}

export function createRefund(desk: Desk, form: Form): Refund {
  only(form, [
    'payment_intent',
    'charge',
    'amount',
    'reason',
    'metadata',
    'instructions_email',
    'refund_application_fee',
    'reverse_transfer',
  ]);
  const charge = chargeToRefund(desk, form);
  const left = charge.amount_captured - charge.amount_refunded;
  if (left === 0)
    throw invalid(`Charge ${charge.id} has already been refunded.`, 'charge_already_refunded');
  const back = amount(form, 'amount') ?? left;
  if (back > left)
    throw invalid(
      `Refund amount (${back}) is greater than unrefunded amount on charge (${left})`,
      undefined,
      'amount',
    );
  const waits = charge.last4 === '7726';
  const id = newId('re');
  const refund = desk.save<Refund>({
    id,
    object: 'refund',
    created: desk.seconds,
    amount: back,
    balance_transaction: desk.book('refund', { ...charge, id }, charge.currency, -back),
    charge: charge.id,
    currency: charge.currency,
    metadata: metadata(form),
    payment_intent: charge.payment_intent,
    reason: text(form, 'reason') ?? null,
    status: waits ? 'pending' : 'succeeded',
  });
  addRefunded(desk, charge, back);
  desk.emit('refund.created', refund);
  if (waits) desk.later(SETTLES_AFTER_MS, 'finishRefund', refund);
  if (charge.last4 === '5126') desk.later(SETTLES_AFTER_MS, 'failRefund', refund);
  return refund;
}

function chargeToRefund(desk: Desk, form: Form): Charge {
  const intentId = text(form, 'payment_intent');
  const id = intentId
    ? desk.get<Intent>('payment_intent', intentId, 'payment_intent').latest_charge
    : required(form, 'charge');
  const charge = id ? desk.get<Charge>('charge', id, 'charge') : undefined;
  if (!charge?.captured)
    throw invalid('This PaymentIntent does not have a successful charge to refund.');
  if (charge.disputed && !isWon(desk, charge))
    throw invalid(`Charge ${charge.id} has been charged back.`, 'charge_disputed');
  return charge;
}

/** The bank has given the money back: from then on it can be refunded like any other. */
function isWon({ store, account }: Desk, { id }: Charge): boolean {
  const { things } = store.list(account.key, 'dispute', { where: { charge: id }, limit: 1 });
  return things.every(({ status }) => status === 'won');
}

function addRefunded(desk: Desk, charge: Charge, by: number): void {
  const amount_refunded = charge.amount_refunded + by;
  const changed = desk.save<Charge>({
    ...charge,
    amount_refunded,
    refunded: amount_refunded === charge.amount_captured,
  });
  if (by > 0) desk.emit('charge.refunded', changed, { amount_refunded: charge.amount_refunded });
}

/** A refund that was on its way has arrived, or came back. */
export function finishRefund(desk: Desk, id: string, succeeds: boolean): void {
  const before = desk.get<Refund>('refund', id);
  if (succeeds) {
    desk.emit('refund.updated', desk.save<Refund>({ ...before, status: 'succeeded' }), {
      status: before.status,
    });
    return;
  }
  const refund = desk.save<Refund>({
    ...before,
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  });
  desk.book('refund_failure', refund, refund.currency, refund.amount);
  addRefunded(desk, desk.get<Charge>('charge', refund.charge), -refund.amount);
  desk.emit('refund.failed', refund, { status: before.status });
}

export function updateRefund(desk: Desk, id: string, form: Form): Refund {
  only(form, ['metadata']);
  const before = desk.get<Refund>('refund', id);
  return desk.save({ ...before, metadata: metadata(form, before.metadata) });
}

/** Pays money out to a bank account; `ba_account_closed` fails and comes back. */
export function createPayout(desk: Desk, form: Form): Payout {
  only(form, [
    'amount',
    'currency',
    'description',
    'destination',
    'metadata',
    'method',
    'source_type',
    'statement_descriptor',
  ]);
  const wanted = { amount: requiredAmount(form), currency: currency(form) };
  expectFunds(desk, wanted);
  const id = newId('po');
  const payout = desk.save<Payout>({
    id,
    object: 'payout',
    created: desk.seconds,
    ...wanted,
    arrival_date: desk.seconds,
    automatic: false,
    balance_transaction: null,
    description: text(form, 'description') ?? null,
    destination: text(form, 'destination') ?? 'ba_default',
    failure_code: null,
    failure_message: null,
    livemode: false,
    metadata: metadata(form),
    method: text(form, 'method') ?? 'standard',
    status: 'pending',
    type: 'bank_account',
  });
  desk.book('payout', payout, payout.currency, -payout.amount);
  desk.emit('payout.created', payout);
  desk.later(SETTLES_AFTER_MS, 'finishPayout', payout);
  return payout;
}

export function finishPayout(desk: Desk, id: string): void {
  const before = desk.get<Payout>('payout', id);
  if (before.status !== 'pending') return;
  if (before['destination'] === 'ba_account_closed') return failPayout(desk, id, 'account_closed');
  desk.emit('payout.paid', desk.save<Payout>({ ...before, status: 'paid' }), { status: 'pending' });
}

/** The bank sent the money back, also after it was paid. */
export function failPayout(desk: Desk, id: string, failure_code: string): void {
  const before = desk.get<Payout>('payout', id, 'payout');
  if (before.status === 'failed' || before.status === 'canceled')
    throw invalid(`This payout is already ${before.status}.`, undefined, 'payout');
  const payout = desk.save<Payout>({
    ...before,
    status: 'failed',
    failure_code,
    failure_message: 'The bank returned this payout.',
  });
  desk.book('payout_failure', payout, payout.currency, payout.amount);
  desk.emit('payout.failed', payout, { status: before.status });
}

export function cancelPayout(desk: Desk, id: string): Payout {
  const before = desk.get<Payout>('payout', id, 'payout');
  if (before.status !== 'pending')
    throw invalid(`Payouts that are ${before.status} cannot be canceled.`, 'payout_not_cancelable');
  const payout = desk.save<Payout>({ ...before, status: 'canceled' });
  desk.book('payout_cancel', payout, payout.currency, payout.amount);
  desk.emit('payout.canceled', payout, { status: 'pending' });
  return payout;
}

/** Moves money to a connected account, at once. */
export function createTransfer(desk: Desk, form: Form): Transfer {
  only(form, [
    'amount',
    'currency',
    'description',
    'destination',
    'metadata',
    'source_transaction',
    'transfer_group',
    'source_type',
  ]);
  const wanted = { amount: requiredAmount(form), currency: currency(form) };
  const destination = required(form, 'destination');
  expectFunds(desk, wanted);
  const id = newId('tr');
  const transfer = desk.save<Transfer>({
    id,
    object: 'transfer',
    created: desk.seconds,
    ...wanted,
    amount_reversed: 0,
    balance_transaction: null,
    description: text(form, 'description') ?? null,
    destination,
    livemode: false,
    metadata: metadata(form),
    reversed: false,
    source_transaction: text(form, 'source_transaction') ?? null,
    transfer_group: text(form, 'transfer_group') ?? null,
  });
  desk.book('transfer', transfer, wanted.currency, -wanted.amount);
  desk.emit('transfer.created', transfer);
  return transfer;
}

function expectFunds(desk: Desk, wanted: { amount: number; currency: string }): void {
  const has = desk.store
    .balance(desk.account.key)
    .find(({ currency }) => currency === wanted.currency);
  if ((has?.amount ?? 0) >= wanted.amount) return;
  throw new Failure(400, {
    type: 'invalid_request_error',
    code: 'balance_insufficient',
    message: 'You have insufficient funds in your Stripe account.',
  });
}

/** Money from nowhere, so that payouts can be tried without selling something first. */
export function topUp(desk: Desk, form: Form): void {
  const source: Thing = { id: newId('tu'), object: 'topup', created: desk.seconds };
  desk.book('topup', source, currency(form), requiredAmount(form));
}

export function balance(desk: Desk) {
  const available = desk.store
    .balance(desk.account.key)
    .map((entry) => ({ ...entry, source_types: { card: entry.amount } }));
  const pending = available.map(({ currency }) => ({
    amount: 0,
    currency,
    source_types: { card: 0 },
  }));
  return { object: 'balance', available, livemode: false, pending };
}
