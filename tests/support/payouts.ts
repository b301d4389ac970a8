/** Money that shops and creators have earned, and what they need to be paid. */

import { audit } from '#domain/orders/audit.ts';
import { decide } from '#domain/sellers/decide-verification.ts';
import { balanceOfAccount } from '#domain/wallet/account-balances.ts';
import {
  type Account,
  coinsOf,
  diamondsOf,
  earnerAccount,
  shopAccount,
} from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { type Payee, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { clock, days, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { raw } from '../domain/wallet/books.ts';
import { eventually } from './eventually.ts';
import type { Person } from './people.ts';
import { aShop } from './sellers.ts';
import type { World } from './world.ts';

export interface Earner {
  readonly person: Person;
  readonly payee: Payee;
}

/** A bank account of a payee that has been known for three days. */
export const withAccount = (payee: Payee, ref = 'ba_ok'): Promise<void> =>
  savePayoutAccount(payee, { ref, label: 'DE •• 4321' }, new Date(clock.now().getTime() - days(3)));

/** Makes it known who somebody is. */
export async function verified(person: Person): Promise<void> {
  const staff = { actor: { id: newId<'user'>() }, request: { id: 'test', address: '' } };
  await decide({ user: toId<'user'>(person.id), deed: 'approve' }, staff, clock.now());
}

/** A verified seller with a shop and a bank account. */
export async function aPaidSeller(world: World, ref?: string): Promise<Earner> {
  const person = await world.person('seller');
  const shop = await aShop(world, person);
  const payee = { type: 'shop', id: toId(shop.id) } as const;
  await verified(person);
  await withAccount(payee, ref);
  return { person, payee };
}

/** A verified creator with a bank account. */
export async function aPaidCreator(world: World, ref?: string): Promise<Earner> {
  const person = await world.person('creator');
  const payee = { type: 'user', id: toId(person.id) } as const;
  await verified(person);
  await withAccount(payee, ref);
  return { person, payee };
}

export const accountOf = ({ type, id }: Payee, share: 'pending' | 'available' | 'in_payout') =>
  type === 'shop' ? shopAccount(id as Id<'shop'>, share) : earnerAccount(id as Id<'user'>, share);

/** What a payee has available, as from a settled sale; taken away from it when below zero. */
export async function earn({ payee }: Earner, minor: number, currency = 'USD'): Promise<void> {
  const available = accountOf(payee, 'available');
  const [from, to]: [Account, Account] = minor > 0 ? ['psp', available] : [available, 'psp'];
  await transaction(() =>
    post(
      {
        event: { type: 'test', id: newId() },
        movements: [{ from, to, amountMinor: Math.abs(minor), currency }],
        line: { type: 'earning' },
      },
      clock.now(),
    ),
  );
}

/** Diamonds as from gifts. */
export async function giveDiamonds(person: Person, count: number): Promise<void> {
  const user = toId<'user'>(person.id);
  await transaction(() =>
    post(
      {
        event: { type: 'gift', id: newId() },
        movements: [
          { from: 'coin_issue', to: coinsOf(user), amountMinor: 1, currency: 'COIN' },
          { from: 'dia_issue', to: diamondsOf(user), amountMinor: count, currency: 'DIA' },
        ],
        line: { type: 'gift' },
      },
      clock.now(),
    ),
  );
}

/** What lies in the three stages of a payee's earnings. */
export const stagesOf = async ({ payee }: Earner) => ({
  available: await balanceOfAccount(accountOf(payee, 'available'), 'USD'),
  inPayout: await balanceOfAccount(accountOf(payee, 'in_payout'), 'USD'),
});

/** The payout as it is stored. */
export const payoutRow = (id: string) => raw('payouts').findOne({ _id: toId(id) });

/** Waits until a payout is what it is to be; the row. */
export const payoutBecomes = (id: string, status: string) =>
  eventually(
    () => payoutRow(id),
    (row) => row?.['status'] === status,
  );

/** Lets the provider's account of this world have money to pay out. */
export const fundProvider = (world: World, amount: number): Promise<unknown> =>
  world.payments('POST', 'balance', { amount, currency: 'usd' });

/** What an audit of everything finds. */
export async function differences(world: World) {
  const proof = await audit(world.now(), new Date(world.now().getTime() + minutes(4)));
  if (!proof.complete) throw new Error('The audit came to no end');
  return proof.differences;
}
