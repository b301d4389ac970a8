/** Those who sell, broadcast, and work for the platform. */
import { randomInt } from 'node:crypto';
import { PASSWORD, type Person } from '../../support/people.ts';
import { trackingNoOf } from './buyers.ts';
import type { Cast } from './market.ts';
import { any, idOf, mine, oneOf, type Row, rows, type Wish, wish } from './wishes.ts';

/** One takes money, one sends it back. */
const BANKS = ['ba_ok', 'ba_ok', 'ba_account_closed'];
const aBank = () => ({ ref: any(BANKS), label: 'My bank' });

/** What a seller does about orders and returns, or with the money they have earned. */
export async function wishOfSeller(seller: Person): Promise<Wish | undefined> {
  const dice = randomInt(10);
  if (dice < 2) return payingOut(seller);
  if (dice < 4) return aboutReturn(seller);
  const order = await oneOf('orders', { seller: mine(seller), status: 'awaiting_shipment' });
  if (!order) return undefined;
  const path = `/api/seller/orders/${idOf(order)}/actions`;
  if ((order['cancellation'] as Row | undefined)?.['requestedAt']) {
    const answer = { action: 'consent', grant: any([true, false]) };
    return wish('consent', seller, (as, key) => as.post(path, answer, { key }));
  }
  return wish('ship', seller, (as, key) =>
    as.post(path, { action: 'ship', carrier: 'dhl', trackingNo: trackingNoOf(key) }, { key }),
  );
}

const RETURN_ANSWERS: Readonly<Record<string, readonly object[]>> = {
  requested: [
    { action: 'approve' },
    { action: 'approve' },
    { action: 'reject', note: 'No' },
    { action: 'offer', amountMinor: 100 },
  ],
  awaiting_parcel: [
    { action: 'received', condition: 'resellable' },
    { action: 'received', condition: 'used' },
  ],
  received: [{ action: 'approve' }],
};

async function aboutReturn(seller: Person): Promise<Wish | undefined> {
  const status = { $in: Object.keys(RETURN_ANSWERS) };
  const asked = await oneOf('returnrequests', { seller: mine(seller), status });
  if (!asked) return undefined;
  const answer = any(RETURN_ANSWERS[String(asked['status'])] ?? []);
  const path = `/api/returns/${idOf(asked)}/actions`;
  return wish('return_answer', seller, (as, key) => as.post(path, answer, { key }));
}

/** Asks for a payout, or says where to when the last bank sent it back. */
async function payingOut(seller: Person): Promise<Wish | undefined> {
  const [latest] = await rows('payouts', { user: mine(seller) }, 1);
  const refused = latest?.['status'] === 'failed' || latest?.['status'] === 'returned';
  if (refused && any([true, true, false])) {
    const edit = { payoutAccount: aBank(), password: PASSWORD };
    return wish('bank', seller, (as, key) => as.put('/api/seller/shop', edit, { key }));
  }
  const body = { amount: randomInt(500, 5000), password: PASSWORD };
  return wish('payout', seller, (as, key) => as.post('/api/seller/payouts', body, { key }));
}

/** Is on air most of the time, and turns diamonds into money. */
export async function wishOfCreator(creator: Person): Promise<Wish | undefined> {
  const open = { broadcaster: mine(creator), open: true };
  const stream = await oneOf('livestreams', open);
  if (!stream)
    return wish('live', creator, (as, key) => as.post('/api/live/start', { title: key }, { key }));
  if (any([true, false])) {
    const diamonds = { from: 'diamonds', amount: randomInt(10, 20) };
    const source = any([diamonds, diamonds, { from: 'affiliate' }]);
    const body = { ...source, account: aBank(), password: PASSWORD };
    return wish('payout', creator, (as, key) => as.post('/api/wallet/withdrawals', body, { key }));
  }
  const verb = any(['heartbeat', 'heartbeat', 'heartbeat', 'end']);
  return wish(verb, creator, (as, key) =>
    as.post(`/api/live/${idOf(stream)}/${verb}`, {}, { key }),
  );
}

export async function wishOfStaff({ buyers, staff }: Cast): Promise<Wish | undefined> {
  if (any([true, false])) return deciding(staff, any(['approve', 'approve', 'hold', 'cancel']));
  const order = await oneOf('orders', {
    ...{ buyer: mine(any(buyers)), paidAt: { $exists: true } },
    status: { $ne: 'cancelled' },
  });
  if (!order) return undefined;
  const parts = { goodwillMinor: 1, goodwillBy: 'platform', reason: 'sorry' };
  return wish('refund', staff, (as, key) =>
    as.post(`/api/admin/orders/${idOf(order)}/refund`, parts, { key }),
  );
}

/** What staff makes of a payout that waits for them. */
export async function deciding(staff: Person, action: string): Promise<Wish | undefined> {
  const payout = await oneOf('payouts', { status: { $in: ['requested', 'held'] } });
  if (!payout) return undefined;
  const body = { action, reason: 'seen' };
  return wish('decide', staff, (as, key) =>
    as.post(`/api/admin/payouts/${idOf(payout)}/actions`, body, { key }),
  );
}
