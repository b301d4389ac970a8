import { notify } from '#domain/notifications/notifications.ts';
import { reduceCommission } from '#domain/sellers/commissions.ts';
import { restock } from '#domain/shop/stock.ts';
import {
  type Account,
  cashOf,
  earnerAccount,
  escrowOf,
  shopAccount,
} from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { WalletCredited } from '#domain/wallet/wallet-events.ts';
import { sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { type OrderRow, orderById } from './order-state.ts';
import { countRefunded, releaseRefund } from './payment-refunds.ts';
import { paymentById } from './payments.ts';
import { givenBy } from './refund-shares.ts';
import type { RefundRow } from './refund-state.ts';
import { takeFrom } from './refunds.ts';
import { deltasOf, movementsOf, reversed } from './shares.ts';

/** All that follows from money being back with a buyer, in the transaction that learned it and as its last step. */
export async function bookRefund(refund: RefundRow, now: Date): Promise<void> {
  const order = await orderOf(refund);
  const payment = refund.payment ? await paymentById(refund.payment) : null;
  if (payment && refund.amountMinor > 0) await countRefunded(payment, refund.amountMinor, now);
  await takeBack(refund, order, now);
  const subject = { type: 'order', id: order._id };
  if (refund.amountMinor > 0)
    await notify({ user: refund.buyer, type: 'refund_issued', subject }, now);
  const toWallet = refund.toWallet || payment?.provider === 'wallet';
  const target = toWallet ? cashOf(refund.buyer) : 'psp';
  await pay(refund, [...givenFrom(refund, order), [target, refund.amountMinor]], 'refund', now);
}

/** The goods are on sale again, and nobody earns of them. */
async function takeBack(refund: RefundRow, order: OrderRow, now: Date): Promise<void> {
  for (const { line: id, quantity, affiliateMinor } of refund.lines) {
    const line = order.lines.find((one) => sameId(one.id, id));
    if (line && refund.restock) await restock(line.variant, quantity, now);
    if (affiliateMinor > 0) await reduceCommission(order._id, id, affiliateMinor);
  }
}

/** Who gives what for a refund, as changes of their accounts. */
function givenFrom(refund: RefundRow, order: OrderRow): Change[] {
  const { from, amountMinor } = refund;
  return from === 'escrow'
    ? [[escrowOf(order._id), -amountMinor]]
    : reversed(deltasOf(order.shop, givenBy(order, refund), from));
}

/** The money that a buyer's bank sent back is the buyer's all the same: in their wallet. Last in its transaction. */
export async function bookReturnedRefund(refund: RefundRow, now: Date): Promise<void> {
  const { buyer, amountMinor } = refund;
  const subject = { type: 'order', id: refund.order };
  await notify({ user: buyer, type: 'refund_issued', subject }, now);
  const changes: Change[] = [
    ['psp', -amountMinor],
    [cashOf(buyer), amountMinor],
  ];
  await pay(refund, changes, 'refund_return', now);
}

/**
 * Gives everything back that a refund had taken when it was asked for: to the order's lines and
 * shares, and to the payment. Where the order was settled since, the shares follow it. What is
 * written off nobody has earned: it makes up for what the platform lost. Last in its transaction.
 */
export async function bookCalledOff(refund: RefundRow, now: Date): Promise<void> {
  const order = await orderOf(refund);
  if (refund.payment && refund.amountMinor > 0)
    await releaseRefund(refund.payment, refund.amountMinor);
  if (refund.writtenOff) {
    await takeBack(refund, order, now);
    const kept = ['loss', refund.amountMinor] as const;
    return pay(refund, [...givenFrom(refund, order), kept], 'refund_off', now);
  }
  await takeFrom(order, refund, -1);
  if (refund.from !== 'pending' || !order.settlement?.settledAt) return;
  const { sellerMinor, affiliates } = givenBy(order, refund);
  const changes: Change[] = (['pending', 'available'] as const).flatMap((share) => {
    const sign = share === 'pending' ? -1 : 1;
    return [
      [shopAccount(order.shop, share), sign * sellerMinor] as const,
      ...affiliates.map(
        ({ creator, minor }) => [earnerAccount(creator, share), sign * minor] as const,
      ),
    ];
  });
  await pay(refund, changes, 'refund_off', now);
}

type Change = readonly [account: Account, byMinor: number];

async function pay(
  { _id, buyer, currency }: RefundRow,
  changes: readonly Change[],
  type: 'refund' | 'refund_return' | 'refund_off',
  now: Date,
): Promise<void> {
  const movements = movementsOf(changes, currency);
  if (movements.length === 0) return;
  const event = { type, id: _id };
  const [line] = await post({ event, movements, line: { type: 'refund', to: buyer } }, now);
  if (!line) return;
  const credited = { userId: buyer, transactionId: line._id, reason: 'refund' };
  await publish(WalletCredited, credited, { now });
}

async function orderOf({ order: id }: RefundRow): Promise<OrderRow> {
  const order = await orderById(id);
  if (!order) throw new Error(`A refund of no order ${id.toHexString()}`);
  return order;
}
