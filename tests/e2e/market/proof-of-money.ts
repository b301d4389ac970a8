/** What everybody has, from what they were told and from orders, without looking at balances. */
import mongoose from 'mongoose';
import { PACK, TOPUP_MINOR, TRANSFER_MINOR } from './buyers.ts';
import { type Market, START } from './market.ts';
import { idOf, isDone, type Row, rows, sum, type Wish } from './wishes.ts';

/** What lies in each account, from the entries of the ledger. */
type Balances = ReadonlyMap<string, number>;

async function balancesBy(field: 'account' | 'currency'): Promise<Balances> {
  const net = { $sum: { $subtract: ['$credit', '$debit'] } };
  const sums = await mongoose.connection
    .collection('ledgerentries')
    .aggregate([{ $group: { _id: `$${field}`, minor: net } }])
    .toArray();
  return new Map(sums.map(({ _id, minor }) => [String(_id), Number(minor)]));
}

export async function provenMoney(market: Market): Promise<string[]> {
  const accounts = await balancesBy('account');
  const currencies = await balancesBy('currency');
  const differing = [
    ...[...currencies].map(([currency, minor]) => [`all ${currency}`, minor, 0] as const),
    ...[...accounts]
      .filter(([account]) => account.startsWith('escrow:'))
      .map(([account, minor]) => [account, minor, 0] as const),
    ...(await earned(market, accounts)),
    ...(await owned(market)),
    ...(await paidOutByProvider()),
  ];
  return differing
    .filter(([, found, expected]) => found !== expected)
    .map(([what, found, expected]) => `${what}: ${found} instead of ${expected}`);
}

type Claim = readonly [what: string, found: number, expected: number];

const told = (wishes: readonly Wish[], kind: string, by?: string): Wish[] =>
  wishes.filter((one) => one.kind === kind && isDone(one) && (!by || one.by.id === by));

const given = (gifts: readonly Wish[], what: 'coins' | 'diamonds'): number =>
  sum(gifts.map(({ answer }) => answer?.body['gift']?.[what]));

/** Cash, coins and diamonds, as their owners see them. */
async function owned({ buyers, creator, wishes, world }: Market): Promise<Claim[]> {
  const claims: Claim[] = [];
  const payments = await rows('payments', { provider: 'wallet' });
  const withdrawn = (await rows('payouts')).flatMap(({ items }) => items as readonly Row[]);
  for (const person of [...buyers, creator]) {
    const did = (kind: string) => told(wishes, kind, person.id);
    const spent = payments.filter((one) => String(one['payer']) === person.id);
    const isBuyer = person !== creator;
    const cash =
      (isBuyer ? START.cashMinor : TRANSFER_MINOR * told(wishes, 'transfer').length) +
      TOPUP_MINOR * did('topup').length -
      TRANSFER_MINOR * did('transfer').length -
      PACK.minor * did('coins').length -
      sum(spent.map((one) => Number(one['capturedMinor']) - Number(one['refundedMinor'])));
    const coins =
      (isBuyer ? START.coins : 0) + PACK.coins * did('coins').length - given(did('gift'), 'coins');
    const diamonds = isBuyer
      ? 0
      : given(told(wishes, 'gift'), 'diamonds') - sum(withdrawn.map((one) => one['diamonds'] ?? 0));
    const { body } = await world.get('/api/wallet/balance', { token: person.token });
    const { username: who } = person;
    claims.push([`cash of ${who}`, Number(body['balance']) + Number(body['held']), cash]);
    claims.push([`coins of ${who}`, Number(body['coins']), coins]);
    claims.push([`diamonds of ${who}`, Number(body['diamonds']), diamonds]);
  }
  return claims;
}

/** What shops and the creator have earned and not been paid. */
async function earned({ shops, creator }: Market, accounts: Balances): Promise<Claim[]> {
  const payouts = await rows('payouts');
  const orders = await rows('orders', { paidAt: { $exists: true } });
  const has = (account: string) => accounts.get(account) ?? 0;
  const paid = (payee: string) =>
    sum(
      payouts
        .filter((one) => one['status'] === 'paid' && String((one['payee'] as Row)['id']) === payee)
        .map(({ amountMinor }) => amountMinor),
    );
  const ofSales = shops.flatMap(({ id }): Claim[] => {
    const sold = orders.filter(({ shop }) => String(shop) === id);
    const shares = sum(sold.map(({ shares: all }) => (all as Row)['sellerMinor']));
    const available = START.earnedMinor + shares - paid(id);
    return [
      [`pending of ${id}`, has(`seller:${id}:pending`), 0],
      [`in payout of ${id}`, has(`seller:${id}:in_payout`), 0],
      [`available of ${id}`, has(`seller:${id}:available`), available],
    ];
  });
  const changed = payouts
    .flatMap(({ items }) => items as readonly Row[])
    .filter(({ source }) => source === 'diamonds');
  const ofDiamonds = sum(changed.map(({ minor }) => minor)) - paid(creator.id);
  return [
    ...ofSales,
    ['in payout of the creator', has(`aff:${creator.id}:in_payout`), 0],
    ['available of the creator', has(`aff:${creator.id}:available`), ofDiamonds],
  ];
}

/** What a payout is at its provider; one that was never sent is not there. */
const AT_PROVIDER: Readonly<Record<string, string>> = {
  paid: 'paid',
  failed: 'failed',
  returned: 'failed',
  cancelled: '',
};

/** Every payout was sent to the bank once, and is there what it is here. */
async function paidOutByProvider(): Promise<Claim[]> {
  const sent = await sentByProvider();
  const payouts = await rows('payouts');
  return [
    [
      'all that was sent',
      sent.length,
      payouts.filter(({ status }) => status !== 'cancelled').length,
    ],
    ...payouts.map((payout): Claim => {
      const ours = sent.filter(({ metadata }) => (metadata as Row)['payoutId'] === idOf(payout));
      const states = ours.map(({ status, amount }) => `${status} ${amount}`).join();
      const expected = AT_PROVIDER[String(payout['status'])];
      const wanted = expected ? `${expected} ${payout['amountMinor']}` : '';
      return [
        `${payout['status']} payout ${idOf(payout)} (${states})`,
        Number(states === wanted),
        1,
      ];
    }),
  ];
}

async function sentByProvider(): Promise<Row[]> {
  const all: Row[] = [];
  for (let more = true; more; ) {
    const from = all.length > 0 ? `&starting_after=${String(all.at(-1)?.['id'])}` : '';
    const response = await fetch(`${process.env['STRIPE_API_BASE']}/v1/payouts?limit=100${from}`, {
      headers: { authorization: `Bearer ${process.env['STRIPE_SECRET_KEY']}` },
    });
    const page = (await response.json()) as { data: Row[]; has_more: boolean };
    all.push(...page.data);
    more = page.has_more;
  }
  return all;
}
