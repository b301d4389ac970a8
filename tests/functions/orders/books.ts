/** What orders, stock and accounts have come to. */
import { expect } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { balancesOfAccounts } from '#domain/wallet/account-balances.ts';
import { type Account, earnerAccount, escrowOf, shopAccount } from '#domain/wallet/accounts.ts';
import { minutes } from '#platform/clock.ts';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import type { AProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';

export const storedOrder = async (id: string) => {
  const order = await raw('orders').findOne({ _id: toId(id) });
  if (!order) throw new Error(`no order ${id}`);
  return order;
};
export const statusOf = async (id: string): Promise<string> =>
  String((await storedOrder(id))['status']);

export const paymentsOf = (order: string) =>
  raw('payments')
    .find({ 'allocations.order': toId(order) })
    .sort({ _id: 1 })
    .toArray();
export const refundsOf = (order: string) =>
  raw('refunds')
    .find({ order: toId(order) })
    .toArray();
export const ordersOf = (buyer: { readonly id: string }) =>
  raw('orders')
    .find({ buyer: toId(buyer.id) })
    .toArray();

/** What can be bought of a product’s first variant, and what is being claimed of it. */
export async function stockOf({ variants: [variant = ''] }: AProduct) {
  const row = await raw('productvariants').findOne({ _id: toId(variant) });
  return { available: row?.['available'], claims: row?.['claims'].length };
}

/** Minor units of an account. */
export async function inAccount(account: Account): Promise<number> {
  return (await balancesOfAccounts([account], 'USD')).get(account) ?? 0;
}
export const inEscrow = (order: string) => inAccount(escrowOf(toId(order)));
export const pendingOf = (shop: string) => inAccount(shopAccount(toId(shop), 'pending'));
export const earnedBy = (user: string) => inAccount(earnerAccount(toId(user), 'pending'));

/** Every journal, wallet and payment agrees with every other. */
export async function expectProof(world: World): Promise<void> {
  const { differences } = await audit(world.now(), new Date(world.now().getTime() + minutes(2)));
  expect(differences).toEqual([]);
}
