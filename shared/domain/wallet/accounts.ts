import { type Id, toId } from '#platform/id.ts';
import type { Wallet } from './wallet.model.ts';

export type Share = 'pending' | 'available' | 'in_payout';
type Own =
  | 'psp'
  | 'fee'
  | 'tax'
  | 'promo'
  | 'coin_issue'
  | 'coin_burn'
  | 'dia_issue'
  | 'dia_burn'
  | 'loss'
  | 'adjust';
type Personal = `cash:${string}` | `coin:${string}` | `dia:${string}`;

/** Every account there is. Our own have no document: they are summed from their entries. */
export type Account =
  | Own
  | Personal
  | `escrow:${string}`
  | `seller:${string}:${Share}`
  | `aff:${string}:${Share}`;

export const COIN = 'COIN';
export const DIAMOND = 'DIA';

export const cashOf = (user: Id<'user'>) => `cash:${user.toHexString()}` as const;
export const coinsOf = (user: Id<'user'>) => `coin:${user.toHexString()}` as const;
export const diamondsOf = (user: Id<'user'>) => `dia:${user.toHexString()}` as const;
export const escrowOf = (order: Id<'order'>) => `escrow:${order.toHexString()}` as const;
/** What a shop has earned: not yet its own, its own, or on its way to the bank. */
export const shopAccount = (shop: Id<'shop'>, share: Share) =>
  `seller:${shop.toHexString()}:${share}` as const;
/** What a person has earned as affiliate or creator, in the same three stages. */
export const earnerAccount = (user: Id<'user'>, share: Share) =>
  `aff:${user.toHexString()}:${share}` as const;

/** Accounts that never owe anything. */
export const NEVER_NEGATIVE = ['cash', 'coin', 'dia', 'escrow'] as const;

export type BalanceField = Extract<keyof Wallet, 'cashMinor' | 'coins' | 'diamonds'>;
const FIELDS: Readonly<Record<string, BalanceField>> = {
  cash: 'cashMinor',
  coin: 'coins',
  dia: 'diamonds',
};

/** The field of a wallet that amounts of this currency are in. */
export const fieldFor = (currency: string): BalanceField =>
  currency === COIN ? 'coins' : currency === DIAMOND ? 'diamonds' : 'cashMinor';

/** Whose wallet shows this account, and where in it; undefined for accounts without a wallet. */
export function walletSide(
  account: Account,
): { readonly user: Id<'user'>; readonly field: BalanceField } | undefined {
  const [kind = '', id = ''] = account.split(':');
  const field = FIELDS[kind];
  return field && { user: toId<'user'>(id), field };
}

/** Whether an account's balance is the sum of its entries, of which there may be very many. */
export const isSummed = (account: string): boolean =>
  !/^(?:cash|coin|dia|escrow):|^seal$/.test(account);
