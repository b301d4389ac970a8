import { callerOf } from '../../support/caller.ts';
import type { MortalHost } from '../../support/mortal-host.ts';
import { underway } from './finish.ts';
import type { Market } from './market.ts';
import { provenMoney } from './proof-of-money.ts';
import { idOf, isDone, mine, type Row, rows, sum, type Wish } from './wishes.ts';

/** What does not add up, in words; nothing when everything that was promised is so, once. */
export async function provenMarket(market: Market, host: MortalHost): Promise<string[]> {
  return [
    ...answeredWell(market.wishes),
    ...(await underway()),
    ...(await nothingLeftBehind()),
    ...(await everythingOnce(market.wishes)),
    ...(await everyCheckoutOnce(market)),
    ...(await ordersFitTheirMoney()),
    ...(await paymentsFitTheirRefunds()),
    ...(await stockConserved()),
    ...(await provenMoney(market)),
    ...(await auditFindsNothing(market, host)),
  ];
}

const FAULTS = [400, 401, 403, 404];
/** Whoever goes on while the key of a checkout is locked, empties the cart for the next one. */
const EMPTIED = 'cart_empty';

/** Nobody was told of a fault, neither ours nor of the one who asked. */
function answeredWell(wishes: readonly Wish[]): string[] {
  const wrong = wishes.filter(({ answer }) => {
    if (!answer || answer.status >= 500) return true;
    return FAULTS.includes(answer.status) && String(answer.body['code']) !== EMPTIED;
  });
  return wrong.map(
    ({ kind, answer }) => `${kind} was answered ${answer?.status} ${JSON.stringify(answer?.body)}`,
  );
}

/** What there is one of for everything that somebody was told of. */
const ONE_FOR_EACH: Readonly<Record<string, readonly [collection: string, filter: object]>> = {
  gift: ['gifttransactions', {}],
  live: ['livestreams', {}],
  payout: ['payouts', {}],
  refund: ['refunds', { initiatedBy: 'staff' }],
  return: ['returnrequests', {}],
  send_back: ['shipments', { direction: 'return' }],
  ship: ['shipments', { direction: 'out' }],
  // Without what everybody began with.
  topup: ['payments', { purpose: 'topup', providerRef: { $not: /^pi_test_/ } }],
};

async function everythingOnce(wishes: readonly Wish[]): Promise<string[]> {
  const wrong: string[] = [];
  for (const [kind, [collection, filter]] of Object.entries(ONE_FOR_EACH)) {
    const told = wishes.filter((one) => one.kind === kind && isDone(one)).length;
    const found = (await rows(collection, filter)).length;
    if (found !== told) wrong.push(`${found} ${collection}, but ${told} were told of a ${kind}`);
  }
  return wrong;
}

async function everyCheckoutOnce({ buyers, wishes }: Market): Promise<string[]> {
  const wrong: string[] = [];
  for (const buyer of buyers) {
    const orders = await rows('orders', { buyer: mine(buyer) });
    const found = [...new Set(orders.map(({ checkout }) => String(checkout)))].sort();
    const told = wishes
      .filter((one) => one.kind === 'buy' && one.by === buyer && isDone(one))
      .map(({ answer }) => String(answer?.body['checkoutId']))
      .sort();
    if (found.join() !== told.join())
      wrong.push(`${found.length} checkouts, but ${told.length} were told of one`);
  }
  return wrong;
}

const CAME_BACK = ['succeeded', 'returned'];

async function ordersFitTheirMoney(): Promise<string[]> {
  const wrong: string[] = [];
  const refunds = await rows('refunds', { status: { $in: CAME_BACK }, from: { $ne: 'escrow' } });
  for (const order of await rows('orders')) {
    const status = String(order['status']);
    const total = Number(order['totalMinor']);
    const paid = order['paidAt'] !== undefined;
    const ours = refunds.filter((refund) => String(refund['order']) === idOf(order));
    const back = sum(ours.map(({ amountMinor }) => amountMinor));
    const is = `order ${idOf(order)} is ${status}`;
    if (status === 'completed' && !paid) wrong.push(`${is} and was not paid`);
    if (status === 'cancelled' && paid && back !== total)
      wrong.push(`${is} and ${back} of ${total} went back`);
    const shared = paid ? sharedOut(order['shares'] as Row) : 0;
    const left = paid ? total - back : 0;
    if (shared !== left) wrong.push(`${is} and ${shared} of ${left} are shared out`);
  }
  return wrong;
}

/** What everybody has of an order, without what the platform put in. */
const sharedOut = ({ sellerMinor, feeMinor, taxMinor, promoMinor, affiliates }: Row): number =>
  sum([
    sellerMinor,
    feeMinor,
    taxMinor,
    ...(affiliates as readonly Row[]).map((one) => one['minor']),
  ]) - Number(promoMinor);

async function paymentsFitTheirRefunds(): Promise<string[]> {
  const refunds = await rows('refunds', { status: { $in: CAME_BACK } });
  return (await rows('payments')).flatMap((payment) => {
    const ours = refunds.filter((refund) => String(refund['payment']) === idOf(payment));
    const back = sum(ours.map(({ amountMinor }) => amountMinor));
    return back === payment['refundedMinor']
      ? []
      : [`payment ${idOf(payment)} gave back ${payment['refundedMinor']}, its refunds ${back}`];
  });
}

/** What was in stock is in stock or sold; what came back is in stock again. */
async function stockConserved(): Promise<string[]> {
  const wrong: string[] = [];
  const reservations = await rows('inventoryreservations');
  const lines = new Map(
    (await rows('orders')).flatMap(({ lines: all }) =>
      (all as readonly Row[]).map((line) => [String(line['id']), String(line['variant'])]),
    ),
  );
  const back = await rows('refunds', { status: { $in: CAME_BACK }, restock: true });
  const restocked = back.flatMap((refund) => refund['lines'] as readonly Row[]);
  for (const variant of await rows('productvariants')) {
    const id = idOf(variant);
    const ours = reservations.filter((one) => String(one['variant']) === id);
    const of = (status: string) =>
      sum(ours.filter((one) => one['status'] === status).map(({ quantity }) => quantity));
    const returned = restocked.filter(({ line }) => lines.get(String(line)) === id);
    const sold = of('committed') - sum(returned.map(({ quantity }) => quantity));
    const moves = await rows('stockmovements', { variant: variant['_id'] });
    const began = sum(moves.map(({ by }) => by));
    const all = Number(variant['available']) + sold;
    if (of('held') > 0) wrong.push(`${of('held')} pieces are still held`);
    if ((variant['claims'] as readonly unknown[]).length > 0) wrong.push('claims lie about');
    if (all !== began) wrong.push(`${all} pieces of ${variant['sku']}, which began with ${began}`);
  }
  return wrong;
}

async function nothingLeftBehind(): Promise<string[]> {
  const left = [
    ['running keys', await rows('idempotencykeys', { status: 'running' })],
    ['dead letters', await rows('outboxevents', { dead: true })],
  ] as const;
  return left.flatMap(([what, found]) => (found.length > 0 ? [`${found.length} ${what}`] : []));
}

async function auditFindsNothing({ staff }: Market, { url }: MortalHost): Promise<string[]> {
  const auditor = callerOf(url, () => staff.token);
  const { status, body } = await auditor.get('/api/admin/ledger/audit?run=1');
  const { proof, frozen } = body;
  const found = JSON.stringify([status, proof?.['complete'], frozen, proof?.['differences']]);
  return found === JSON.stringify([200, true, false, []]) ? [] : [`the audit found ${found}`];
}
