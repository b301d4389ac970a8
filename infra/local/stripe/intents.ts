import { paymentMethod } from './cards.ts';
import type { Charge } from './charges.ts';
import { confirm, expectStatus, type Intent, settle } from './confirm.ts';
import type { Desk } from './desk.ts';
import { invalid } from './failure.ts';
import { amount, currency, type Form, flag, metadata, only, requiredAmount, text } from './form.ts';
import { newId } from './store.ts';

const SHARED = [
  'payment_method',
  'payment_method_types',
  'allowed_payment_method_types',
  'payment_method_options',
  'payment_method_data',
  'capture_method',
  'off_session',
  'return_url',
  'receipt_email',
  'setup_future_usage',
  'shipping',
  'use_stripe_sdk',
  'error_on_requires_action',
  'mandate_data',
];
const CREATE = [
  ...SHARED,
  'amount',
  'currency',
  'automatic_payment_methods',
  'application_fee_amount',
  'confirm',
  'confirmation_method',
  'customer',
  'description',
  'metadata',
  'on_behalf_of',
  'statement_descriptor',
  'statement_descriptor_suffix',
  'transfer_data',
  'transfer_group',
];

export function createIntent(desk: Desk, form: Form): Intent {
  only(form, CREATE);
  const id = newId('pi');
  const method = text(form, 'payment_method');
  const customer = text(form, 'customer') ?? null;
  if (customer) desk.get('customer', customer, 'customer');
  const intent = desk.save<Intent>({
    id,
    object: 'payment_intent',
    created: desk.seconds,
    amount: requiredAmount(form),
    amount_capturable: 0,
    amount_received: 0,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: text(form, 'capture_method') ?? 'automatic_async',
    client_secret: `${id}_secret_${newId('s').slice(2)}`,
    currency: currency(form),
    customer,
    description: text(form, 'description') ?? null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    metadata: metadata(form),
    next_action: null,
    payment_method: method ? paymentMethod(desk, method).id : null,
    payment_method_types: ['card'],
    receipt_email: text(form, 'receipt_email') ?? null,
    status: method ? 'requires_confirmation' : 'requires_payment_method',
    transfer_group: text(form, 'transfer_group') ?? null,
  });
  desk.emit('payment_intent.created', intent);
  return flag(form, 'confirm') ? confirm(desk, intent, text(form, 'return_url')) : intent;
}

export function updateIntent(desk: Desk, id: string, form: Form): Intent {
  only(form, [
    'amount',
    'currency',
    'customer',
    'description',
    'metadata',
    'payment_method',
    'receipt_email',
    'transfer_group',
  ]);
  const before = desk.get<Intent>('payment_intent', id, 'intent');
  const method = text(form, 'payment_method');
  const newAmount = amount(form, 'amount');
  if (newAmount !== undefined || method)
    expectStatus(before, 'update', [
      'requires_payment_method',
      'requires_confirmation',
      'requires_action',
    ]);
  return desk.save({
    ...before,
    amount: newAmount ?? before.amount,
    description: text(form, 'description') ?? before.description,
    metadata: metadata(form, before.metadata),
    payment_method: method ? paymentMethod(desk, method).id : before.payment_method,
    status: method ? 'requires_confirmation' : before.status,
  });
}

export function confirmIntent(desk: Desk, id: string, form: Form): Intent {
  only(form, SHARED);
  const before = desk.get<Intent>('payment_intent', id, 'intent');
  expectStatus(before, 'confirm', [
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
  ]);
  const method = text(form, 'payment_method');
  const payment_method = method ? paymentMethod(desk, method).id : before.payment_method;
  return confirm(desk, { ...before, payment_method }, text(form, 'return_url'));
}

export function captureIntent(desk: Desk, id: string, form: Form): Intent {
  only(form, ['amount_to_capture', 'metadata', 'final_capture', 'statement_descriptor']);
  const before = desk.get<Intent>('payment_intent', id, 'intent');
  expectStatus(before, 'capture', ['requires_capture']);
  const taken = amount(form, 'amount_to_capture') ?? before.amount_capturable;
  if (taken > before.amount_capturable)
    throw invalid('More than can be captured', 'amount_too_large', 'amount_to_capture');
  const intent = { ...before, metadata: metadata(form, before.metadata) };
  return settle(desk, intent, desk.get<Charge>('charge', before.latest_charge ?? ''), taken);
}

export function cancelIntent(desk: Desk, id: string, form: Form): Intent {
  only(form, ['cancellation_reason']);
  const before = desk.get<Intent>('payment_intent', id, 'intent');
  expectStatus(before, 'cancel', [
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'requires_capture',
  ]);
  const cancelled = desk.save<Intent>({
    ...before,
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: desk.seconds,
    cancellation_reason: text(form, 'cancellation_reason') ?? null,
    next_action: null,
  });
  desk.emit('payment_intent.canceled', cancelled);
  return cancelled;
}
