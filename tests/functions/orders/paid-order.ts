/** Orders as a captured payment leaves them, without going through cart and checkout. */

import { captureFromWallet } from '#domain/orders/capture.ts';
import { type OrderLine, Orders } from '#domain/orders/order.model.ts';
import { moveOrder, type OrderRow, orderById } from '#domain/orders/order-state.ts';
import { startPayment } from '#domain/orders/payments.ts';
import {
  commissionable,
  deltasOf,
  initialShares,
  movementsOf,
  shareOf,
} from '#domain/orders/shares.ts';
import { recordCommissions } from '#domain/sellers/commissions.ts';
import { shopOf } from '#domain/sellers/shops.ts';
import { escrowOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';
import { aProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';

export interface LineFacts {
  readonly quantity?: number;
  readonly unitMinor?: number;
  readonly sellerDiscountMinor?: number;
  readonly taxMinor?: number;
  /** Who brought the buyer, for a tenth of it. */
  readonly affiliate?: { readonly creator: string; readonly offer: string };
  readonly source?: OrderLine['source'];
}

export interface OrderFacts {
  readonly buyer: Person;
  readonly seller: Person;
  readonly lines?: readonly LineFacts[];
  readonly shippingMinor?: number;
  /** Stays in `pending_payment`. */
  readonly unpaid?: true;
  /** How long it may be cancelled freely; 30 unless said. */
  readonly onHoldMinutes?: number;
}

export interface AnOrder {
  readonly id: string;
  readonly lines: readonly string[];
  readonly totalMinor: number;
}

const COUNTRY = 'DE';
export const ADDRESS = {
  name: 'Alice Example',
  phone: '+49 30 1234',
  lines: ['Long Street 1'],
  city: 'Berlin',
  region: '',
  postcode: '10115',
  country: COUNTRY,
};

async function newLine(seller: Person, facts: LineFacts): Promise<OrderLine> {
  const {
    quantity = 1,
    unitMinor = 1000,
    sellerDiscountMinor = 0,
    taxMinor = 0,
    affiliate,
  } = facts;
  const product = await aProduct(seller, { variants: [{ priceMinor: unitMinor, stock: 100 }] });
  const itemsMinor = quantity * unitMinor;
  const amounts = { itemsMinor, sellerDiscountMinor };
  return {
    id: newId<'line'>(),
    product: toId<'product'>(product.id),
    variant: toId<'variant'>(product.variants[0] ?? ''),
    category: newId<'category'>(),
    title: 'A thing',
    sku: 'THING',
    optionValues: {},
    ...(facts.source && { source: facts.source }),
    quantity,
    unitMinor,
    ...amounts,
    platformDiscountMinor: 0,
    taxMinor,
    feeMinor: shareOf(commissionable(amounts), 500),
    ...(affiliate && {
      affiliate: {
        offer: toId<'offer'>(affiliate.offer),
        creator: toId<'user'>(affiliate.creator),
        rateBps: 1000,
        amountMinor: shareOf(commissionable(amounts), 1000),
        ...facts.source,
      },
    }),
    shippedQuantity: 0,
    cancelledQuantity: 0,
    refundedQuantity: 0,
  };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

/** An order in `on_hold`, paid with the buyer's wallet. */
export async function paidOrder(world: World, facts: OrderFacts): Promise<AnOrder> {
  const { buyer, seller, lines: wished = [{}], shippingMinor = 500 } = facts;
  const now = world.now();
  const shop = await shopOf(toId<'user'>(seller.id));
  if (!shop) throw new Error(`${seller.username} has no shop`);
  const lines: OrderLine[] = [];
  for (const wish of wished) lines.push(await newLine(seller, wish));
  const _id = newId<'order'>();
  const taxMinor = sum(lines.map((line) => line.taxMinor));
  const totalMinor = sum(lines.map(commissionable)) + taxMinor + shippingMinor;
  await Orders.create([
    {
      _id,
      orderNo: _id.toHexString(),
      checkout: newId<'checkout'>(),
      buyer: toId<'user'>(buyer.id),
      shop: shop._id,
      seller: toId<'user'>(seller.id),
      currency: shop.currency,
      lines,
      itemsMinor: sum(lines.map((line) => line.itemsMinor)),
      discountMinor: sum(lines.map((line) => line.sellerDiscountMinor)),
      shippingMinor,
      taxMinor,
      totalMinor,
      shippingMethod: { code: 'standard', name: 'Standard', minDays: 3, maxDays: 7 },
      address: ADDRESS,
      deadline: { kind: 'pay', at: after(now, minutes(15)) },
      timeline: [{ status: 'pending_payment', at: now }],
    } as never,
  ]);
  const confirmAt = after(now, minutes(facts.onHoldMinutes ?? 30));
  if (!facts.unpaid) await pay(_id, buyer, confirmAt, now);
  return { id: _id.toHexString(), lines: lines.map(({ id }) => id.toHexString()), totalMinor };
}

async function pay(id: Id<'order'>, buyer: Person, confirmAt: Date, now: Date): Promise<void> {
  const order = await rowOf(id);
  const { shop, currency, totalMinor } = order;
  await giveCash(buyer.id, totalMinor, now);
  const payment = await transaction(() =>
    startPayment(
      {
        purpose: 'order',
        payer: toId<'user'>(buyer.id),
        provider: 'wallet',
        method: 'wallet',
        amountMinor: totalMinor,
        currency,
        allocations: [{ order: id, amountMinor: totalMinor }],
        operation: `test:${id.toHexString()}`,
      },
      now,
    ),
  );
  await captureFromWallet(payment, now);
  const shares = initialShares(order);
  await transaction(async () => {
    const set = { shares, paidAt: now, payment: payment._id, invoiceNo: `INV-${order.orderNo}` };
    const deadline = { kind: 'confirm', at: confirmAt } as const;
    await moveOrder(id, 'on_hold', { set, deadline }, now);
    const earned = order.lines.flatMap((line) =>
      line.affiliate
        ? [{ ...line.affiliate, order: id, line: line.id, baseMinor: commissionable(line) }]
        : [],
    );
    await recordCommissions(earned, now);
    const deltas = deltasOf(shop, shares, 'pending');
    const movements = movementsOf([...deltas, [escrowOf(id), -totalMinor]], currency);
    await post({ event: { type: 'order', id }, movements, line: { type: 'order' } }, now);
  });
}

/** An order as it is stored. */
export async function rowOf(id: string | Id<'order'>): Promise<OrderRow> {
  const order = await orderById(typeof id === 'string' ? toId<'order'>(id) : id);
  if (!order) throw new Error(`no order ${String(id)}`);
  return order;
}

/** The free time to cancel has passed: the seller is to ship. */
export async function confirmed(world: World, facts: OrderFacts): Promise<AnOrder> {
  const order = await paidOrder(world, { ...facts, onHoldMinutes: 0 });
  await world.runJob('orderDeadlines');
  return order;
}

let parcels = 0;

/** Ships what is said, or all that is left, in one parcel; returns its number. */
export async function shipped(
  seller: Person,
  order: AnOrder,
  lines?: readonly { readonly lineId: string | undefined; readonly quantity: number }[],
): Promise<string> {
  parcels += 1;
  const trackingNo = `TEST-${order.id.slice(-8)}-${parcels}`.toUpperCase();
  const wish = { action: 'ship', carrier: 'dhl', trackingNo, ...(lines && { lines }) };
  const { status, body } = await act(seller, order, wish, `ship-${parcels}`);
  if (status !== 200) throw new Error(`ship: ${status} ${JSON.stringify(body)}`);
  return trackingNo;
}

let acts = 0;
const nextKey = (): string => `act-${(acts += 1)}`;

/** The seller does something with an order. */
export const act = (seller: Person, { id }: AnOrder, wish: object, key = nextKey()) =>
  seller.post(`/api/seller/orders/${id}/actions`, wish, { key });

/** The buyer does something with their order. */
export const doAs = (buyer: Person, { id }: AnOrder, wish: object, key = nextKey()) =>
  buyer.post(`/api/orders/${id}/actions`, wish, { key });

/** All parcels have arrived. */
export async function delivered(world: World, facts: OrderFacts): Promise<AnOrder> {
  const order = await confirmed(world, facts);
  const trackingNo = await shipped(facts.seller, order);
  await carrierSays(world, { trackingNo, status: 'delivered' });
  await world.settle();
  return order;
}

export interface News {
  readonly trackingNo: string;
  readonly status: string;
  readonly at?: Date;
  readonly id?: string;
}

/** A carrier tells something of a parcel. */
export async function carrierSays(world: World, news: News): Promise<number> {
  const response = await fetch(`${world.url}/_local/carriers/dhl`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ at: world.now(), ...news }),
  });
  return response.status;
}

/** Time passes, the jobs run, and people sign in again. */
export async function later(world: World, milliseconds: number, people: readonly Person[] = []) {
  world.advance(milliseconds);
  await world.runJob('orderDeadlines');
  await world.settle();
  for (const person of people) {
    const { email, password } = person;
    const { body } = await world.post('/api/auth/login', { email, password });
    person.token = String(body['token']);
  }
}
