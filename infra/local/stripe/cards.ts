import type { Desk } from './desk.ts';
import { Failure, missing } from './failure.ts';
import { type Form, metadata, only, required, text } from './form.ts';
import { newId, type Thing } from './store.ts';

/** What a test card does when it is charged. */
export type Behaviour =
  | { readonly kind: 'later' }
  /** Later, when it is told to. */
  | { readonly kind: 'undecided' }
  | { readonly kind: 'now' }
  | { readonly kind: 'ask' }
  | { readonly kind: 'decline'; readonly code: string; readonly decline: string };

interface Card {
  readonly name: string;
  readonly brand: string;
  readonly last4: string;
  readonly behaviour: Behaviour;
}

const declined = (decline: string, code = 'card_declined'): Behaviour => ({
  kind: 'decline',
  code,
  decline,
});
const card = (name: string, brand: string, last4: string, behaviour: Behaviour): Card => ({
  name,
  brand,
  last4,
  behaviour,
});

/** The vendor's own test cards. A kept payment method is recognised by its last four digits. */
const CARDS: readonly Card[] = [
  card('visa', 'visa', '4242', { kind: 'later' }),
  card('processing', 'visa', '4213', { kind: 'undecided' }),
  card('mastercard', 'mastercard', '4444', { kind: 'now' }),
  card('amex', 'amex', '8431', { kind: 'now' }),
  card('visa_debit', 'visa', '5556', { kind: 'now' }),
  card('createDispute', 'visa', '0259', { kind: 'now' }),
  card('refundFail', 'visa', '5126', { kind: 'now' }),
  card('pendingRefund', 'visa', '7726', { kind: 'now' }),
  card('authenticationRequired', 'visa', '3155', { kind: 'ask' }),
  card('threeDSecure2Required', 'visa', '3220', { kind: 'ask' }),
  card('chargeDeclined', 'visa', '0002', declined('generic_decline')),
  card('chargeCustomerFail', 'visa', '0341', declined('generic_decline')),
  card('chargeDeclinedInsufficientFunds', 'visa', '9995', declined('insufficient_funds')),
  card('chargeDeclinedLostCard', 'visa', '9987', declined('lost_card')),
  card('chargeDeclinedStolenCard', 'visa', '9979', declined('stolen_card')),
  card('chargeDeclinedFraudulent', 'visa', '0019', declined('fraudulent')),
  card('chargeDeclinedExpiredCard', 'visa', '0069', declined('expired_card', 'expired_card')),
  card('chargeDeclinedIncorrectCvc', 'visa', '0127', declined('incorrect_cvc', 'incorrect_cvc')),
  card(
    'chargeDeclinedProcessingError',
    'visa',
    '0119',
    declined('processing_error', 'processing_error'),
  ),
];

export interface PaymentMethod extends Thing {
  readonly object: 'payment_method';
  readonly type: 'card';
  readonly card: {
    readonly brand: string;
    readonly last4: string;
    readonly [field: string]: unknown;
  };
  readonly customer: string | null;
  readonly metadata: Record<string, string>;
}

interface Customer extends Thing {
  readonly object: 'customer';
  readonly metadata: Record<string, string>;
}

export const behaviourOf = ({ card: { last4 } }: PaymentMethod): Behaviour =>
  CARDS.find((known) => known.last4 === last4)?.behaviour ?? { kind: 'now' };

/** A kept payment method, or a new one when a test card is named. */
export function paymentMethod(desk: Desk, id: string): PaymentMethod {
  const known = CARDS.find(({ name }) => id === `pm_card_${name}` || id === `tok_${name}`);
  return known
    ? keep(desk, known, {})
    : desk.get<PaymentMethod>('payment_method', id, 'payment_method');
}

function keep(
  desk: Desk,
  { brand, last4 }: Pick<Card, 'brand' | 'last4'>,
  form: Form,
): PaymentMethod {
  return desk.save<PaymentMethod>({
    id: newId('pm'),
    object: 'payment_method',
    created: desk.seconds,
    type: 'card',
    customer: null,
    metadata: metadata(form),
    allow_redisplay: 'unspecified',
    billing_details: { address: null, email: null, name: null, phone: null },
    livemode: false,
    card: { brand, last4, country: 'US', exp_month: 12, exp_year: 2034, funding: 'credit' },
  });
}

export function createPaymentMethod(desk: Desk, form: Form): PaymentMethod {
  only(form, ['type', 'card', 'billing_details', 'metadata']);
  if (required(form, 'type') !== 'card')
    throw new Failure(400, { type: 'invalid_request_error', message: 'Only cards', param: 'type' });
  const given = form['card'];
  const fields: Form = typeof given === 'object' && !Array.isArray(given) ? given : {};
  const token = text(fields, 'token');
  if (token) {
    const known = CARDS.find(({ name }) => token === `tok_${name}`);
    if (!known) throw missing('token', token, 'card[token]');
    return keep(desk, known, form);
  }
  const last4 = required(fields, 'number').slice(-4);
  const brand = CARDS.find((known) => known.last4 === last4)?.brand ?? 'visa';
  return keep(desk, { brand, last4 }, form);
}

export function attachPaymentMethod(desk: Desk, id: string, form: Form): PaymentMethod {
  only(form, ['customer']);
  const customer = desk.get<Customer>('customer', required(form, 'customer'), 'customer');
  const attached = desk.save({ ...paymentMethod(desk, id), customer: customer.id });
  desk.emit('payment_method.attached', attached);
  return attached;
}

export function detachPaymentMethod(desk: Desk, id: string): PaymentMethod {
  const detached = desk.save({ ...paymentMethod(desk, id), customer: null });
  desk.emit('payment_method.detached', detached);
  return detached;
}

const CUSTOMER_FIELDS = ['name', 'email', 'description', 'phone', 'payment_method', 'metadata'];

export function createCustomer(desk: Desk, form: Form): Customer {
  only(form, CUSTOMER_FIELDS);
  const customer = desk.save<Customer>({
    id: newId('cus'),
    object: 'customer',
    created: desk.seconds,
    metadata: metadata(form),
    ...described(form),
    balance: 0,
    livemode: false,
  });
  const method = text(form, 'payment_method');
  if (method) attachPaymentMethod(desk, method, { customer: customer.id });
  desk.emit('customer.created', customer);
  return customer;
}

export function updateCustomer(desk: Desk, id: string, form: Form): Customer {
  only(form, CUSTOMER_FIELDS);
  const before = desk.get<Customer>('customer', id);
  return desk.save({ ...before, ...described(form), metadata: metadata(form, before.metadata) });
}

const described = (form: Form) =>
  Object.fromEntries(
    ['name', 'email', 'description', 'phone']
      .filter((name) => name in form)
      .map((name) => [name, text(form, name) ?? null]),
  );
