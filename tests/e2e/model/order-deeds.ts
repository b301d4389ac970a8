/** Deeds with orders that were paid, and the passing of time. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { DAY, type Name, shopOf } from './cast.ts';
import { aChoice, asks, chosen, type Deed, deed, happens, type Plan } from './deed.ts';
import type { Verdict } from './money.ts';
import { type Order, unrefundedOf, unsentOf } from './orders.ts';
import { sum } from './prices.ts';
import { type Stage, served } from './stage.ts';

export const sellerOf = ({ price: { shop } }: Order): Name => shopOf(shop).owner;

const inState =
  (...states: readonly Order['status'][]) =>
  ({ status }: Order): boolean =>
    states.includes(status);

/** One that no parcel had before. */
export const aTrackingNo = (): string => randomUUID().toUpperCase();

/** How many of each line, as far as there are so many. */
export const someOf = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 });

/** Some of these; all where it comes to none, and more than there are for who does not look. */
const some = (left: readonly number[], counts: readonly number[], blind: boolean): number[] => {
  const few = left.map((most, at) => (counts[at] ?? 0) % (most + 1));
  return (sum(few) > 0 ? few : left).map((count) => (blind ? count + 1 : count));
};

/** Pieces by line, as the world is told them. */
export const named = ({ lineIds }: Order, pieces: readonly number[]) =>
  pieces
    .map((quantity, at) => ({ lineId: lineIds[at], quantity }))
    .filter(({ quantity }) => quantity > 0);

/** Something about an order for which it mostly makes sense. */
export const withOrder = <Said>(
  weight: number,
  said: fc.Arbitrary<Said>,
  makesSense: (order: Order) => boolean,
  plan: (stage: Stage, order: Order, said: Said, blind: boolean) => Plan | undefined,
): Deed =>
  deed(weight, fc.tuple(aChoice, said), (stage, [choice, how]) => {
    const order = chosen(stage.oracle.checkouts.orders, choice, makesSense);
    return order && plan(stage, order, how, choice.blind);
  });

const buyer = (stage: Stage, order: Order, action: string, verdict: () => Verdict): Plan =>
  asks(stage, [order.checkout.buyer, `/api/orders/${order.id}/actions`, { action }], verdict);
const seller = (stage: Stage, order: Order, wish: object, verdict: () => Verdict): Plan =>
  asks(stage, [sellerOf(order), `/api/seller/orders/${order.id}/actions`, wish], verdict);
export const nothing = fc.constant(undefined);

const isCancellable = inState('pending_payment', 'on_hold', 'awaiting_shipment');
const isOpen = inState('awaiting_shipment', 'partially_shipped');
const isSent = inState('shipped', 'delivered');
const isAsked = ({ asked }: Order): boolean => asked === 'open';
const isPaid = ({ card, back, price }: Order): boolean => card !== undefined && back < price.total;
const aRefund = fc.record({
  ...{ counts: someOf, freight: fc.boolean(), restock: fc.boolean() },
  goodwill: fc.oneof(fc.constant(0), fc.nat(400), fc.nat(5000)),
  by: fc.constantFrom('seller', 'platform'),
});

export const ORDERS = {
  cancelAsBuyer: withOrder(3, nothing, isCancellable, (stage, order) =>
    buyer(stage, order, 'cancel', () => stage.oracle.fulfilment.cancelAsBuyer(order)),
  ),
  confirm: withOrder(4, nothing, isSent, (stage, order) =>
    buyer(stage, order, 'confirm_receipt', () => stage.oracle.fulfilment.confirm(order)),
  ),
  answerWish: withOrder(3, fc.boolean(), isAsked, (stage, order, grant) =>
    seller(stage, order, { action: 'consent', grant }, () =>
      stage.oracle.fulfilment.answerWish(order, grant),
    ),
  ),
  cancelUnsent: withOrder(
    3,
    fc.tuple(someOf, fc.boolean()),
    isOpen,
    (stage, order, said, blind) => {
      const [counts, restock] = said;
      const pieces = some(unsentOf(order), counts, blind);
      const wish = { action: 'cancel', reason: 'none_left', restock, lines: named(order, pieces) };
      const verdict = () => stage.oracle.fulfilment.cancelUnsent(order, pieces, restock);
      return sum(pieces) === 0 ? undefined : seller(stage, order, wish, verdict);
    },
  ),
  ship: withOrder(9, someOf, isOpen, (stage, order, counts, blind) => {
    const pieces = some(unsentOf(order), counts, blind);
    const trackingNo = aTrackingNo();
    const wish = { action: 'ship', carrier: 'dhl', trackingNo, lines: named(order, pieces) };
    const verdict = () => stage.oracle.fulfilment.ship(order, pieces, trackingNo);
    return sum(pieces) === 0 ? undefined : seller(stage, order, wish, verdict);
  }),
  /** Staff gives money back. */
  refund: withOrder(4, aRefund, isPaid, (stage, order, { counts, freight, ...wish }, blind) => {
    const most = unrefundedOf(order).map((left) => left + (blind ? 1 : 0));
    const pieces = most.map((left, at) => Math.min(left, counts[at] ?? 0));
    const shipping = freight && !order.shippingBack;
    const shippingMinor = shipping ? order.price.shipping.paid : 0;
    const parts = { lines: named(order, pieces), shippingMinor, restock: wish.restock };
    const goodwill = { goodwillMinor: wish.goodwill, goodwillBy: wish.by };
    const body = { ...parts, ...goodwill, reason: 'Sorry' };
    return asks(stage, ['staff', `/api/admin/orders/${order.id}/refund`, body], () =>
      stage.oracle.checkouts.refund(order, { ...wish, pieces, shipping }),
    );
  }),
};

const TIMES = [20, 35, 35, 35, 25 * 60, 4 * DAY, 4 * DAY, 15 * DAY, 31 * DAY];

export const TIME = {
  /** A carrier says that a parcel has arrived. */
  arrive: deed(9, fc.nat(3), (stage, nth) => {
    const { world } = stage.cast;
    const isUnderway = ({ parcels }: Order) => parcels.some(({ arrived }) => !arrived);
    const order = chosen(stage.oracle.checkouts.orders, { nth }, isUnderway);
    const parcel = order?.parcels.find(({ arrived }) => !arrived);
    if (!order || !parcel) return undefined;
    return happens(
      () => {
        const news = { trackingNo: parcel.trackingNo, status: 'delivered', at: world.now() };
        return served(() => world.post('/_local/carriers/dhl', news));
      },
      () => stage.oracle.fulfilment.arrive(order, parcel),
    );
  }),
  /** Time passes, mostly with the jobs that watch it; what one of them fails to do, its next run does. */
  pass: deed(8, fc.tuple(fc.constantFrom(...TIMES), fc.nat(4)), (stage, [minutes, idle]) => {
    const jobs = async () => idle > 0 && stage.runJobs();
    return happens(
      async () => (stage.advance(minutes), jobs()),
      () => stage.oracle.pass(minutes, idle > 0),
      jobs,
    );
  }),
};
