/** Deeds with what buyers give back. */
import * as fc from 'fast-check';
import type { Body } from '../../support/caller.ts';
import { aChoice, asks, chosen, type Deed, deed } from './deed.ts';
import type { Verdict } from './money.ts';
import { aTrackingNo, named, nothing, sellerOf, someOf, withOrder } from './order-deeds.ts';
import { type Order, unrefundedOf } from './orders.ts';
import type { Return, Returns } from './returns.ts';
import type { Who } from './stage.ts';

const seller = ({ order }: Return): Who => sellerOf(order);
const buyer = ({ order }: Return): Who => order.checkout.buyer;
const staff = (): Who => 'staff';

/** Somebody does something about a return that is in one of these states. */
const about = <Said>(
  weight: number,
  by: (one: Return) => Who,
  states: readonly Return['status'][],
  said: fc.Arbitrary<Said>,
  plan: (returns: Returns, one: Return, said: Said) => readonly [object, () => Verdict],
): Deed =>
  deed(weight, fc.tuple(aChoice, said), (stage, [choice, how]) => {
    const { returns } = stage.oracle;
    // A ruling is refused for what it would cost before it is for coming too late.
    const blind = choice.blind && by !== staff;
    const one = chosen(returns.all, { ...choice, blind }, ({ status }) => states.includes(status));
    if (!one) return undefined;
    const [wish, verdict] = plan(returns, one, how);
    return asks(stage, [by(one), `/api/returns/${one.id}/actions`, wish], verdict);
  });

const aRuling = fc.record({
  outcome: fc.constantFrom('full', 'partial', 'none'),
  amount: fc.integer({ min: 1, max: 2500 }),
  shippingBy: fc.constantFrom('buyer', 'seller'),
});
const isDelivered = ({ status }: Order): boolean => status === 'delivered';

export const RETURNS = {
  requestReturn: withOrder(7, someOf, isDelivered, (stage, order, counts, blind) => {
    const { returns } = stage.oracle;
    const left = unrefundedOf(order).map((most) => (blind ? most + 1 : most));
    const pieces = left.map((most, at) => Math.min(most, counts[at] ?? 0));
    const lines = named(order, pieces);
    const wish = { type: 'return_refund', reason: 'changed_mind', lines };
    const verdict = () => returns.request(order, pieces);
    const note = (body: Body) =>
      Object.assign(returns.all.at(-1) ?? {}, { id: String(body['return']?.['id']) });
    return lines.length > 0
      ? asks(stage, [order.checkout.buyer, `/api/orders/${order.id}/returns`, wish], verdict, note)
      : undefined;
  }),
  approve: about(6, seller, ['requested', 'received'], nothing, (returns, one) => [
    { action: 'approve' },
    () => returns.approve(one),
  ]),
  reject: about(2, seller, ['requested'], nothing, (returns, one) => [
    { action: 'reject', note: 'It was fine' },
    () => returns.reject(one),
  ]),
  withdraw: about(1, buyer, ['requested', 'approved'], nothing, (returns, one) => [
    { action: 'withdraw' },
    () => returns.withdraw(one),
  ]),
  sendBack: about(7, buyer, ['approved'], nothing, (returns, one) => [
    { action: 'ship', carrier: 'dhl', trackingNo: aTrackingNo() },
    () => returns.sendBack(one),
  ]),
  receive: about(
    7,
    seller,
    ['awaiting_parcel', 'in_transit'],
    fc.boolean(),
    (returns, one, whole) => [
      { action: 'received', condition: whole ? 'resellable' : 'damaged' },
      () => returns.receive(one, whole),
    ],
  ),
  escalate: about(4, buyer, ['requested', 'rejected', 'received'], nothing, (returns, one) => [
    { action: 'escalate', note: 'No' },
    () => returns.escalate(one),
  ]),
  rule: about(6, staff, ['escalated'], aRuling, (returns, one, ruling) => {
    const { outcome, shippingBy, amount: amountMinor } = ruling;
    const terms = { outcome, shippingBy, ...(outcome === 'partial' && { amountMinor }) };
    return [{ action: 'rule', note: 'Seen both', ...terms }, () => returns.rule(one, ruling)];
  }),
};
