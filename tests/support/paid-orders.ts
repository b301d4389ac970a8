/**
 * Orders that were paid with a real payment and shared out in the books, without a cart: for what
 * comes after, with amounts to the unit. The whole way is in tests/support/orders.ts.
 */
import { captureFromWallet } from '#domain/orders/capture.ts';
import { type Order, type OrderStatus, Orders } from '#domain/orders/order.model.ts';
import type { OrderLine } from '#domain/orders/order-line.ts';
import { type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { type PaymentRow, paymentById, startPayment } from '#domain/orders/payments.ts';
import { askProvider } from '#domain/orders/provider-truth.ts';
import { commissionable, deltasOf, initialShares, movementsOf } from '#domain/orders/shares.ts';
import { Commissions } from '#domain/sellers/commission.model.ts';
import { balanceOfAccount } from '#domain/wallet/account-balances.ts';
import { type Account, escrowOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { giveCash } from '../functions/wallet/money.ts';
import type { Person } from './people.ts';
import type { TestShop } from './sellers.ts';
import { aProduct } from './shop.ts';
import type { World } from './world.ts';

/** Amounts are of the whole line; nothing is taken off and nobody earns unless said. */
export interface LineFacts {
  readonly quantity?: number;
  readonly unitMinor?: number;
  readonly sellerDiscountMinor?: number;
  readonly platformDiscountMinor?: number;
  readonly taxMinor?: number;
  readonly feeMinor?: number;
  readonly affiliate?: { readonly creator: Person; readonly minor: number };
}

export interface OrderFacts {
  /** One of two pieces for 1000 each unless said. */
  readonly lines?: readonly LineFacts[];
  readonly shippingMinor?: number;
  readonly sellerShippingDiscountMinor?: number;
  readonly platformShippingDiscountMinor?: number;
  readonly shippingTaxMinor?: number;
  /** `wallet`, or a card of the provider; one that is captured at once unless said. */
  readonly method?: string;
  /** Just delivered, unless said. */
  readonly status?: OrderStatus;
}

const CURRENCY = 'USD';

/** An order as checkout would have written it; nobody has paid for it. */
export async function anOrder(
  world: World,
  buyer: Person,
  shop: TestShop,
  facts: OrderFacts = {},
): Promise<OrderRow> {
  const product = await aProduct(shop.owner);
  const lines = (facts.lines ?? [{}]).map((line) => aLine(line, product));
  const zero = { itemsMinor: 0, shippingMinor: 0, taxMinor: 0, goodwillMinor: 0 };
  const { shippingMinor = 0, shippingTaxMinor = 0 } = facts;
  const { sellerShippingDiscountMinor = 0, platformShippingDiscountMinor = 0 } = facts;
  const priced = {
    ...{ lines, shippingMinor, shippingTaxMinor },
    ...{ sellerShippingDiscountMinor, platformShippingDiscountMinor },
  };
  const sum = (of: (line: OrderLine) => number) => lines.reduce((all, line) => all + of(line), 0);
  const now = world.now();
  const order: Order & { readonly _id: Id<'order'> } = {
    ...priced,
    _id: newId<'order'>(),
    orderNo: newId().toHexString(),
    checkout: newId<'checkout'>(),
    buyer: toId(buyer.id),
    shop: toId(shop.id),
    seller: toId(shop.owner.id),
    currency: CURRENCY,
    itemsMinor: sum(({ itemsMinor }) => itemsMinor),
    discountMinor:
      sum((line) => line.sellerDiscountMinor + line.platformDiscountMinor) +
      sellerShippingDiscountMinor +
      platformShippingDiscountMinor,
    taxMinor: sum(({ taxMinor }) => taxMinor) + shippingTaxMinor,
    totalMinor:
      sum((line) => commissionable(line) - line.platformDiscountMinor + line.taxMinor) +
      shippingMinor -
      sellerShippingDiscountMinor -
      platformShippingDiscountMinor +
      shippingTaxMinor,
    coupons: [],
    shippingMethod: { code: 'standard', name: 'Standard', minDays: 2, maxDays: 4 },
    address: {
      ...{ name: 'Ann', phone: '+1 555 0100', lines: ['1 Main St'], city: 'Springfield' },
      ...{ region: 'IL', postcode: '62701', country: 'US' },
    },
    status: facts.status ?? 'delivered',
    ...((facts.status ?? 'delivered') === 'delivered' && {
      deliveredAt: now,
      deadline: { kind: 'complete' as const, at: after(now, days(14)) },
    }),
    refunded: zero,
    returnStatus: 'none',
    timeline: [],
    version: 0,
  };
  await Orders.create([order]);
  return (await orderById(order._id)) as OrderRow;
}

function aLine(facts: LineFacts, product: { id: string; variants: readonly string[] }): OrderLine {
  const { quantity = 2, unitMinor = 1000, affiliate } = facts;
  return {
    ...{ id: newId<'line'>(), product: toId(product.id), category: newId<'category'>() },
    variant: toId(product.variants[0] ?? ''),
    ...{ title: 'Cup', sku: 'CUP', optionValues: {}, quantity, unitMinor },
    itemsMinor: quantity * unitMinor,
    sellerDiscountMinor: facts.sellerDiscountMinor ?? 0,
    platformDiscountMinor: facts.platformDiscountMinor ?? 0,
    taxMinor: facts.taxMinor ?? 0,
    feeMinor: facts.feeMinor ?? 0,
    ...(affiliate && {
      affiliate: {
        offer: newId<'offer'>(),
        creator: toId(affiliate.creator.id),
        rateBps: 1000,
        amountMinor: affiliate.minor,
      },
    }),
    ...{ shippedQuantity: 0, cancelledQuantity: 0, refundedQuantity: 0 },
  };
}

/** A captured payment for all of these orders; the money is in their escrow. */
export async function pay(
  world: World,
  orders: readonly OrderRow[],
  method = 'pm_card_mastercard',
): Promise<PaymentRow> {
  const [{ buyer: payer } = { buyer: newId<'user'>() }] = orders;
  const allocations = orders.map(({ _id, totalMinor }) => ({
    order: _id,
    amountMinor: totalMinor,
  }));
  const amountMinor = allocations.reduce((sum, one) => sum + one.amountMinor, 0);
  const provider = method === 'wallet' ? 'wallet' : 'stripe';
  if (provider === 'wallet') await giveCash(payer.toHexString(), amountMinor, world.now());
  const wish = { purpose: 'order', payer, provider, method, amountMinor } as const;
  const operation = newId().toHexString();
  const begun = await transaction(() =>
    startPayment({ ...wish, currency: CURRENCY, allocations, operation }, world.now()),
  );
  const paid = await (provider === 'wallet'
    ? captureFromWallet(begun, world.now())
    : askProvider(begun, world.now()));
  return (await paymentById(paid._id)) as PaymentRow;
}

/** Lets a payment buy an order: its money is shared out as fulfilment does it. */
export async function share(
  world: World,
  order: OrderRow,
  payment?: PaymentRow,
): Promise<OrderRow> {
  const shares = initialShares(order);
  const deltas = deltasOf(order.shop, shares, 'pending');
  const escrow = [escrowOf(order._id), -order.totalMinor] as const;
  const paid = { shares, paidAt: world.now(), ...(payment && { payment: payment._id }) };
  await transaction(async () => {
    await Orders.updateOne({ _id: order._id }, { $set: paid, $inc: { version: 1 } });
    for (const { id: line, affiliate } of order.lines)
      if (affiliate)
        await Commissions.create([
          {
            ...{ offer: affiliate.offer, creator: affiliate.creator, order: order._id, line },
            ...{ source: {}, baseMinor: 0, currency: CURRENCY, amountMinor: affiliate.amountMinor },
          } as never,
        ]);
    const movements = movementsOf([...deltas, escrow], order.currency);
    if (movements.length > 0)
      await post(
        { event: { type: 'order', id: order._id }, movements, line: { type: 'order' } },
        world.now(),
      );
  });
  return (await orderById(order._id)) as OrderRow;
}

/** An order that was paid for, and what paid for it. */
export async function aPaidOrder(
  world: World,
  buyer: Person,
  shop: TestShop,
  facts: OrderFacts = {},
): Promise<{ readonly order: OrderRow; readonly payment: PaymentRow }> {
  const placed = await anOrder(world, buyer, shop, facts);
  const payment = await pay(world, [placed], facts.method);
  return { order: await share(world, placed, payment), payment };
}

export const accountOf = (account: Account): Promise<number> => balanceOfAccount(account, CURRENCY);
