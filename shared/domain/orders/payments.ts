import { z } from 'zod';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import { guardedMove, type Moves } from '#platform/guarded-move.ts';
import { type Id, IdText, newId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, IdempotencyKeyReused } from '#platform/problem.ts';
import { PAYMENT_STATUSES, type Payment, type PaymentStatus, Payments } from './payment.model.ts';
import { EVENT_OF } from './payment-events.ts';

export type PaymentRow = Payment & Stored & { readonly _id: Id<'payment'> };

/** Where a payment may go from each state. Anything else is refused. */
export const NEXT: Moves<PaymentStatus> = {
  created: ['requires_action', 'authorized', 'captured', 'failed', 'cancelled'],
  requires_action: ['authorized', 'captured', 'failed', 'cancelled'],
  authorized: ['captured', 'failed', 'cancelled'],
  captured: ['partially_refunded', 'refunded'],
  partially_refunded: ['captured', 'refunded'],
  refunded: [],
  // Money that comes late is still money.
  failed: ['captured'],
  cancelled: ['captured'],
};

const isOpen = (status: PaymentStatus): boolean =>
  status === 'created' || status === 'requires_action' || status === 'authorized';

export interface PaymentWish {
  readonly purpose: Payment['purpose'];
  readonly payer: Id<'user'>;
  readonly provider: Payment['provider'];
  readonly method: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly allocations?: Payment['allocations'];
  readonly operation: string;
}

/** Writes down a payment before anybody is asked for it; in the transaction of what it pays for. */
export async function startPayment(wish: PaymentWish, now: Date): Promise<PaymentRow> {
  if (!inTransaction()) throw new Error('startPayment() must be called inside transaction()');
  const { allocations = [], amountMinor, payer, purpose } = wish;
  const allocated = allocations.reduce((sum, { amountMinor: part }) => sum + part, 0);
  if (purpose === 'order' && allocated !== amountMinor)
    throw new RangeError(`A payment of ${amountMinor} cannot pay orders of ${allocated}`);
  const paymentId = newId<'payment'>();
  const timeline = [{ status: 'created' as const, at: now }];
  const row = { ...wish, _id: paymentId, allocations, timeline, open: true as const };
  const [payment] = await Payments.create([row]);
  await publish(EVENT_OF.created, { paymentId, payerId: payer, purpose }, { now, actor: payer });
  return payment?.toObject() as PaymentRow;
}

/** The payment of an earlier run of the same request, whatever that asked for. */
export const paymentBegunFor = (operation: string): Promise<PaymentRow | null> =>
  Payments.findOne({ operation }).lean<PaymentRow>().exec();

/** The payment of an earlier run of the same request. Throws when that asked for something else. */
export async function paymentOfOperation(
  wish: Pick<PaymentWish, 'operation' | 'amountMinor' | 'method'>,
): Promise<PaymentRow | null> {
  const { operation, amountMinor, method } = wish;
  const payment = await paymentBegunFor(operation);
  if (payment && (payment.amountMinor !== amountMinor || payment.method !== method))
    throw new IdempotencyKeyReused();
  return payment;
}

export const paymentById = (id: Id<'payment'>): Promise<PaymentRow | null> =>
  Payments.findOne({ _id: id }).lean<PaymentRow>().exec();

export const paymentOfProvider = (
  provider: Payment['provider'],
  providerRef: string,
): Promise<PaymentRow | null> =>
  Payments.findOne({ provider, providerRef }).lean<PaymentRow>().exec();

type Learned = Partial<
  Pick<Payment, 'providerRef' | 'capturedMinor' | 'refundedMinor' | 'failureCode' | 'clientAction'>
>;

/** Notes what has been learned about a payment that stays in its state. */
export async function note(
  id: Id<'payment'>,
  learned: Learned & Pick<Partial<Payment>, 'askedAt'>,
): Promise<void> {
  await Payments.updateOne({ _id: id }, { $set: learned });
}

/**
 * Brings a payment into a state and announces it; null when it cannot go there from where it is,
 * which is what all but the first of several simultaneous callers are told.
 */
export async function move(
  id: Id<'payment'>,
  to: PaymentStatus,
  learned: Learned,
  now: Date,
): Promise<PaymentRow | null> {
  const step = { to, set: learned, unset: isOpen(to) ? [] : ['open'] };
  const payment = await guardedMove(Payments, NEXT, id, step, now);
  if (!payment) return null;
  const { payer: payerId, purpose } = payment;
  await publish(EVENT_OF[to], { paymentId: id, payerId, purpose }, { now });
  return payment;
}

/** As `move`, for callers who rely on it. Throws `Conflict` with the state it is in. */
export async function mustMove(
  id: Id<'payment'>,
  to: PaymentStatus,
  learned: Learned,
  now: Date,
): Promise<PaymentRow> {
  const moved = await move(id, to, learned, now);
  if (moved) return moved;
  const current = await paymentById(id);
  throw new Conflict({ current: current?.status ?? null });
}

/** A payment as its payer sees it. */
export const PaymentView = z.object({
  id: IdText,
  status: z.enum(PAYMENT_STATUSES),
  /** Minor units. */
  amount: z.int(),
  currency: z.string(),
  failureCode: z.string().nullable(),
  /** What the payer's own device must do next, with the provider's library or at the address. */
  clientAction: z
    .object({ type: z.string(), clientSecret: z.string(), url: z.string().nullable() })
    .nullable(),
});
export type PaymentView = z.infer<typeof PaymentView>;

export const toPaymentView = (payment: PaymentRow): PaymentView => {
  const { _id, status, amountMinor, currency, failureCode, clientAction } = payment;
  return {
    id: _id.toHexString(),
    status,
    amount: amountMinor,
    currency,
    failureCode: failureCode ?? null,
    clientAction:
      status === 'requires_action' && clientAction
        ? { ...clientAction, url: clientAction.url ?? null }
        : null,
  };
};
