import { type Behaviour, type PaymentMethod } from './cards.ts';
import type { Desk } from './desk.ts';
import { invalid } from './failure.ts';
import { newId, type Thing } from './store.ts';

export interface Charge extends Thing {
  readonly object: 'charge';
  readonly amount: number;
  readonly amount_captured: number;
  readonly amount_refunded: number;
  readonly currency: string;
  readonly captured: boolean;
  readonly refunded: boolean;
  readonly disputed: boolean;
  readonly status: 'succeeded' | 'pending' | 'failed';
  readonly payment_intent: string;
  readonly balance_transaction: string | null;
  readonly last4: string;
}

interface Dispute extends Thing {
  readonly object: 'dispute';
  readonly amount: number;
  readonly charge: string;
  readonly currency: string;
  readonly status: string;
}

interface Order {
  readonly id: string;
  readonly amount: number;
  readonly currency: string;
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Record<string, string>;
}

/** A new attempt to charge a card; what comes of it is in `status`. */
export function openCharge(
  desk: Desk,
  order: Order,
  method: PaymentMethod,
  status: Charge['status'],
  failure?: Extract<Behaviour, { kind: 'decline' }>,
): Charge {
  return desk.save<Charge>({
    id: newId('ch'),
    object: 'charge',
    created: desk.seconds,
    amount: order.amount,
    amount_captured: 0,
    amount_refunded: 0,
    balance_transaction: null,
    captured: false,
    currency: order.currency,
    customer: order.customer,
    description: order.description,
    disputed: false,
    failure_code: failure?.code ?? null,
    failure_message: failure ? 'Your card was declined.' : null,
    last4: method.card.last4,
    livemode: false,
    metadata: order.metadata,
    outcome: { type: failure ? 'issuer_declined' : 'authorized', reason: failure?.decline ?? null },
    paid: status === 'succeeded',
    payment_intent: order.id,
    payment_method: method.id,
    payment_method_details: { type: 'card', card: method.card },
    refunded: false,
    status,
  });
}

/** Takes the money of a charge, all of it or less. */
export function captureCharge(desk: Desk, charge: Charge, amount: number): Charge {
  const captured = desk.save<Charge>({
    ...charge,
    status: 'succeeded',
    paid: true,
    captured: true,
    amount_captured: amount,
    balance_transaction: desk.book('charge', charge, charge.currency, amount),
  });
  desk.emit('charge.succeeded', captured);
  if (charge.last4 === '0259') desk.later(300, 'dispute', captured);
  return captured;
}

/** The buyer's bank takes the money back while it decides. */
export function openDispute(desk: Desk, charge: Charge, amount: number, reason: string): Dispute {
  if (!charge.captured || charge.disputed)
    throw invalid('This charge cannot be disputed.', undefined, 'charge');
  if (amount > charge.amount_captured) throw invalid('More than was charged', undefined, 'amount');
  const id = newId('du');
  const dispute: Dispute = {
    id,
    object: 'dispute',
    created: desk.seconds,
    amount,
    balance_transactions: [],
    charge: charge.id,
    currency: charge.currency,
    evidence: {},
    evidence_details: {
      due_by: desk.seconds + 7 * 86_400,
      has_evidence: false,
      past_due: false,
      submission_count: 0,
    },
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: charge.payment_intent,
    reason,
    status: 'needs_response',
  };
  desk.save(dispute);
  desk.book('adjustment', dispute, charge.currency, -amount);
  desk.save({ ...charge, disputed: true });
  desk.emit('charge.dispute.created', dispute);
  desk.emit('charge.dispute.funds_withdrawn', dispute);
  return dispute;
}

export function closeDispute(desk: Desk, id: string, outcome: 'won' | 'lost'): Dispute {
  const before = desk.get<Dispute>('dispute', id, 'dispute');
  if (before.status === 'won' || before.status === 'lost')
    throw invalid(`This dispute is already ${before.status}.`, undefined, 'dispute');
  const dispute = desk.save<Dispute>({ ...before, status: outcome });
  if (outcome === 'won') {
    desk.book('adjustment', dispute, dispute.currency, dispute.amount);
    desk.emit('charge.dispute.funds_reinstated', dispute);
  }
  desk.emit('charge.dispute.closed', dispute, { status: before.status });
  return dispute;
}

/** Hands in what speaks for the seller. */
export function updateDispute(desk: Desk, id: string, submitted: boolean): Dispute {
  const before = desk.get<Dispute>('dispute', id, 'dispute');
  const status = submitted && before.status === 'needs_response' ? 'under_review' : before.status;
  const dispute = desk.save<Dispute>({ ...before, status });
  desk.emit('charge.dispute.updated', dispute);
  return dispute;
}
