/** The payment's state machine, walked through what buyers, staff, jobs and the provider really do. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { followDispute, NEXT_DISPUTE } from '#domain/orders/disputes.ts';
import { PAYMENT_STATUSES, type PaymentStatus } from '#domain/orders/payment.model.ts';
import { NEXT, type PaymentRow, paymentById } from '#domain/orders/payments.ts';
import { applyTruth } from '#domain/orders/provider-truth.ts';
import { after, days } from '#platform/clock.ts';
import { type Id, toId } from '#platform/id.ts';
import type { ProviderPaymentStatus } from '#platform/payments.ts';
import { raw } from '../../domain/wallet/books.ts';
import { intoCart } from '../../support/cart.ts';
import { checkOut } from '../../support/orders.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import { outage } from '../../support/payments.ts';
import type { Person } from '../../support/people.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';
import { expectProof } from './books.ts';

let world: World;
let alice: Person;
let staff: Person;
let shop: TestShop;
let product: AProduct;
beforeAll(async () => {
  world = await startWorld();
  alice = await world.person('alice');
  staff = await staffMember(world, ['money.refund']);
  shop = await aShop(world, await world.person('seller'));
  product = await aProduct(shop.owner, { variants: [{ stock: 1000 }] });
  await giveCash(alice.id, 10_000_000);
});
afterAll(() => world.stop());

interface APayment {
  readonly id: Id<'payment'>;
  readonly order: string;
}
const rowOf = async ({ id }: APayment) => (await paymentById(id)) as PaymentRow;

/** An order that somebody tries to pay with this card. */
async function paidWith(paymentMethod: string): Promise<APayment> {
  await intoCart(alice, product);
  await checkOut(alice, { paymentMethod });
  const newest = raw('orders')
    .find({ buyer: toId(alice.id) })
    .sort({ _id: -1 });
  const order = await newest.limit(1).next();
  return { id: order?.['payment'], order: String(order?.['_id']) };
}

/** What the provider says when it is asked about a payment, whoever asked. */
async function says(payment: APayment, status: ProviderPaymentStatus): Promise<number> {
  const { amountMinor, currency, providerRef = `pi_${payment.order}` } = await rowOf(payment);
  const capturedMinor = status === 'captured' ? amountMinor : 0;
  const truth = { status, amountMinor, capturedMinor, currency, providerRef };
  await applyTruth(payment.id, truth, world.now());
  return 409; // It is never told that its news were none.
}
const refund = async ({ order }: APayment, wish: object): Promise<number> => {
  const body = { reason: 'test', ...wish };
  const { status } = await staff.post(`/api/admin/orders/${order}/refund`, body, {
    key: randomUUID(),
  });
  return status;
};
/** The job looks at a payment that began a day ago. */
async function aDayLater(payment: APayment): Promise<number> {
  const { id: _id } = payment;
  const at = after(world.now(), -days(2));
  const { createdAt } = await rowOf(payment);
  await raw('payments').updateOne({ _id }, { $set: { createdAt: at, updatedAt: at } });
  await world.runJob('reconcilePayments');
  await raw('payments').updateOne({ _id }, { $set: { createdAt } });
  return 409;
}
const payOtherwise = async ({ order }: APayment): Promise<number> => {
  const wish = { paymentMethod: 'wallet' };
  return (await alice.post(`/api/orders/${order}/pay`, wish, { key: randomUUID() })).status;
};

/** Everything that brings payments from one state into another; answers what its doer is told. */
const DEEDS = {
  'the provider says created': (payment) => says(payment, 'created'),
  'the provider says requires_action': (payment) => says(payment, 'requires_action'),
  'the provider says authorized': (payment) => says(payment, 'authorized'),
  'the provider says captured': (payment) => says(payment, 'captured'),
  'the provider says failed': (payment) => says(payment, 'failed'),
  'the provider says cancelled': (payment) => says(payment, 'cancelled'),
  'nobody hears of it for a day': aDayLater,
  'the buyer pays otherwise': payOtherwise,
  'staff refunds a part': (payment) => refund(payment, { goodwillMinor: 1 }),
  'staff refunds all of it': (payment) => refund(payment, { everything: true }),
} as const satisfies Readonly<Record<string, (payment: APayment) => Promise<number>>>;
type DeedName = keyof typeof DEEDS;

/** What leads from where to where; what is not here is refused, or news of nothing. */
const LISTED: readonly (readonly [PaymentStatus, DeedName, PaymentStatus])[] = [
  ['created', 'the provider says requires_action', 'requires_action'],
  ['created', 'the provider says authorized', 'authorized'],
  ['created', 'the provider says captured', 'captured'],
  ['created', 'the provider says failed', 'failed'],
  ['created', 'the provider says cancelled', 'cancelled'],
  ['created', 'nobody hears of it for a day', 'failed'],
  ['created', 'the buyer pays otherwise', 'cancelled'],
  ['requires_action', 'the provider says authorized', 'authorized'],
  ['requires_action', 'the provider says captured', 'captured'],
  ['requires_action', 'the provider says failed', 'failed'],
  ['requires_action', 'the provider says cancelled', 'cancelled'],
  ['requires_action', 'nobody hears of it for a day', 'cancelled'],
  ['requires_action', 'the buyer pays otherwise', 'cancelled'],
  ['authorized', 'the provider says captured', 'captured'],
  ['authorized', 'the provider says failed', 'failed'],
  ['authorized', 'the provider says cancelled', 'cancelled'],
  ['authorized', 'nobody hears of it for a day', 'cancelled'],
  ['authorized', 'the buyer pays otherwise', 'cancelled'],
  ['failed', 'the provider says captured', 'captured'],
  ['cancelled', 'the provider says captured', 'captured'],
  ['captured', 'staff refunds a part', 'partially_refunded'],
  ['captured', 'staff refunds all of it', 'refunded'],
  ['partially_refunded', 'staff refunds all of it', 'refunded'],
];

/** What is done though it leads to no other state. */
const OTHERWISE: readonly (readonly [PaymentStatus, DeedName])[] = [
  ['failed', 'the buyer pays otherwise'], // with another payment
  ['cancelled', 'the buyer pays otherwise'],
  ['partially_refunded', 'staff refunds a part'],
];
/** A refund that came back goes to the buyer's wallet, so nothing leads back here. */
const UNUSED = ['partially_refunded → captured'];

const fresh: Readonly<Record<PaymentStatus, () => Promise<APayment>>> = {
  created: async () => {
    await outage(world, 'before');
    const payment = await paidWith('pm_card_authenticationRequired');
    await outage(world, 'none');
    return payment;
  },
  requires_action: () => paidWith('pm_card_authenticationRequired'),
  authorized: () => and('requires_action', 'the provider says authorized'),
  captured: () => paidWith('pm_card_mastercard'),
  partially_refunded: () => and('captured', 'staff refunds a part'),
  refunded: () => and('captured', 'staff refunds all of it'),
  failed: () => paidWith('pm_card_chargeDeclined'),
  cancelled: () => and('requires_action', 'the provider says cancelled'),
};
async function and(from: PaymentStatus, deed: DeedName): Promise<APayment> {
  const payment = await fresh[from]();
  await DEEDS[deed](payment);
  await world.settle();
  return payment;
}

test('every transition there is has a way that leads there, and every way is a transition', () => {
  const edges = PAYMENT_STATUSES.flatMap((from) => NEXT[from].map((to) => `${from} → ${to}`));
  const walked = new Set(LISTED.map(([from, , to]) => `${from} → ${to}`));

  expect([...walked, ...UNUSED].sort()).toEqual(edges.sort());
});

test.each(LISTED)('%s: %s → %s', async (from, deed, to) => {
  const payment = await fresh[from]();
  expect((await rowOf(payment)).status).toBe(from);

  await DEEDS[deed](payment);
  await world.settle();

  const { status, timeline } = await rowOf(payment);
  expect([status, timeline.at(-1)?.status]).toEqual([to, to]);
});

/** A payment and all that was booked, without what only says that it was looked at. */
async function contents(payment: APayment) {
  const {
    version: _,
    updatedAt: __,
    askedAt: ___,
    providerRef: ____,
    ...row
  } = await rowOf(payment);
  const counted = ['ledgerentries', 'refunds', 'payments', 'outboxevents'];
  return [row, ...(await Promise.all(counted.map((name) => raw(name).countDocuments())))];
}
const known = (from: PaymentStatus): ReadonlySet<string> =>
  new Set([...LISTED, ...OTHERWISE].flatMap(([state, deed]) => (state === from ? [deed] : [])));
const names = Object.keys(DEEDS) as readonly DeedName[];

test.each(PAYMENT_STATUSES)('%s: everything else is refused and changes nothing', async (from) => {
  const payment = await fresh[from]();
  await world.settle();
  const before = await contents(payment);
  const refused = names.filter((deed) => !known(from).has(deed));

  const answers: (readonly [DeedName, number])[] = [];
  for (const deed of refused) answers.push([deed, await DEEDS[deed](payment)]);
  await world.settle();

  expect(answers).toEqual(refused.map((deed) => [deed, 409]));
  expect(await contents(payment)).toEqual(before);
});

const DISPUTES = ['none', 'open', 'won', 'lost'] as const;
const NEWS = ['open', 'won', 'lost'] as const;
type Dispute = (typeof DISPUTES)[number];
/** News of an end imply that it had begun. */
const path = (from: Dispute, news: (typeof NEWS)[number]): readonly Dispute[] => {
  const direct = NEXT_DISPUTE[from].includes(news);
  const through = NEXT_DISPUTE[from].find((step) => NEXT_DISPUTE[step].includes(news));
  return direct ? [news] : through ? [through, news] : [];
};

const NEWS_OF_DISPUTES = DISPUTES.flatMap((from) => NEWS.map((news) => [from, news] as const));

/** A payment whose dispute is in one state here and in another at the provider, who has not told yet. */
async function disputed(from: Dispute, news: (typeof NEWS)[number]) {
  const { payment, order } = await aPaidOrder(world, alice, shop);
  await world.payments('POST', 'webhooks', { mode: 'hold' });
  const wish = news === 'open' ? {} : { outcome: news };
  const made = await world.payments('POST', `charges/${payment.providerRef}/dispute`, wish);
  await raw('payments').updateOne({ _id: payment._id }, { $set: { dispute: from } });
  const dispute = String((made as { readonly id: string }).id);
  return { id: payment._id, order: order._id.toHexString(), dispute };
}
const toldOf = ({ id }: APayment) =>
  raw('outboxevents').countDocuments({
    type: /^payment\.dispute/,
    'payload.data.paymentId': id.toHexString(),
  });

test.each(NEWS_OF_DISPUTES.filter(([from, news]) => path(from, news).length > 0))(
  'a dispute that is %s follows the news that it is %s, once',
  async (from, news) => {
    const payment = await disputed(from, news);

    await followDispute(payment.dispute, world.now());
    await followDispute(payment.dispute, world.now());

    const { dispute, disputedMinor, capturedMinor } = await rowOf(payment);
    expect([dispute, disputedMinor]).toEqual([news, news === 'won' ? 0 : capturedMinor]);
    expect(await toldOf(payment)).toBe(path(from, news).length);
  },
);

test.each(NEWS_OF_DISPUTES.filter(([from, news]) => path(from, news).length === 0))(
  'a dispute that is %s is not changed by the news that it is %s',
  async (from, news) => {
    const payment = await disputed(from, news);
    const before = await contents(payment);

    await followDispute(payment.dispute, world.now());

    expect(await contents(payment)).toEqual(before);
    // What was only said to be so is forgotten, for the books of the end.
    await raw('payments').updateOne({ _id: payment.id }, { $set: { dispute: 'none' } });
  },
);

test('and in the end all books are right', async () => {
  await world.payments('POST', 'webhooks', { mode: 'deliver' });
  await world.settle();

  await expectProof(world);
});
