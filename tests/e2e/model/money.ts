/** What people do with what they have. The books are sums by the names of their accounts. */
import { BUYERS, CREATOR, GIFTS, type Name, PACKS, PAYOUTS, PURSE } from './cast.ts';

/** How something must be answered. What is refused changes nothing. */
export interface Verdict {
  readonly status: number;
  readonly code?: string;
}
export const ok: Verdict = { status: 200 };
export const made: Verdict = { status: 201 };
export const refuse = (code: string, status = 409): Verdict => ({ status, code });
export const broke = refuse('insufficient_balance', 402);

/** What people pay with; the wallet most often. */
export const CARDS = [
  ...(['wallet', 'wallet', 'wallet', 'pm_card_visa', 'pm_card_visa'] as const),
  ...(['pm_card_authenticationRequired', 'pm_card_chargeDeclined'] as const),
  ...(['pm_card_refundFail', 'pm_card_pendingRefund'] as const),
];
export type Card = (typeof CARDS)[number];

/** What can be paid out: the sales of a shop by its number, or the creator’s. */
export const EARNINGS = [0, 1, 'affiliate', 'diamonds'] as const;
export type Earning = (typeof EARNINGS)[number];

interface Payout {
  readonly payee: string;
  readonly minor: number;
  /** The bank has sent it back. */
  back: boolean;
  id: string;
}

export class Money {
  readonly balances = new Map<string, number>(BUYERS.map((buyer) => [`cash:${buyer}`, PURSE]));
  readonly payouts: Payout[] = [];
  /** Whose bank account has to be entered anew. */
  readonly #flagged = new Set<string>();

  constructor() {
    this.add('psp', -PURSE * BUYERS.length);
  }

  of(account: string): number {
    return this.balances.get(account) ?? 0;
  }

  add(account: string, minor: number): void {
    this.balances.set(account, this.of(account) + minor);
  }

  move(from: string, to: string, minor: number): void {
    this.add(from, -minor);
    this.add(to, minor);
  }

  topUp(who: Name, minor: number, card: Card): Verdict {
    if (card === 'pm_card_chargeDeclined') return refuse('payment_declined', 402);
    this.move('psp', `cash:${who}`, minor);
    return made;
  }

  transfer(from: Name, to: Name, minor: number): Verdict {
    if (this.of(`cash:${from}`) < minor) return broke;
    this.move(`cash:${from}`, `cash:${to}`, minor);
    return made;
  }

  buyCoins(who: Name, pack: keyof typeof PACKS): Verdict {
    const { price, coins } = PACKS[pack];
    if (this.of(`cash:${who}`) < price) return broke;
    this.move(`cash:${who}`, 'fee', price);
    this.add(`coin:${who}`, coins);
    return made;
  }

  give(from: Name, to: Name, gift: keyof typeof GIFTS, quantity: number): Verdict {
    const { coins, diamonds } = GIFTS[gift];
    if (this.of(`coin:${from}`) < coins * quantity) return broke;
    this.add(`coin:${from}`, -coins * quantity);
    this.add(`dia:${to}`, diamonds * quantity);
    return made;
  }

  /** Two of the staff put a wallet right; they take no more than there is. */
  adjust(wallet: `${'cash' | 'coin' | 'dia'}:${Name}`, minor: number): Verdict {
    if (this.of(wallet) + minor < 0) return broke;
    this.add(wallet, minor);
    if (wallet.startsWith('cash')) this.add('adjust', -minor);
    return made;
  }

  /** What can be paid out of it now. */
  earned(earning: Earning): number {
    if (earning === 'diamonds') return this.of(`dia:${CREATOR}`);
    return this.of(
      earning === 'affiliate' ? `aff:${CREATOR}:available` : `seller:${earning}:available`,
    );
  }

  /** All of it. A hundred diamonds are fifty. */
  payOut(earning: Earning): Verdict {
    const payee = typeof earning === 'string' ? `aff:${CREATOR}` : `seller:${earning}`;
    const amount = this.earned(earning);
    const diamonds = earning === 'diamonds';
    if (this.#flagged.has(payee)) return refuse('payout_account_not_ready');
    if (amount < (diamonds ? PAYOUTS.minimumDiamonds : PAYOUTS.minimum))
      return refuse('below_minimum');
    const minor = diamonds ? Math.floor(amount / 2) : amount;
    if (diamonds) this.add(`dia:${CREATOR}`, -amount);
    this.move(diamonds ? 'fee' : `${payee}:available`, 'psp', minor);
    this.payouts.push({ payee, minor, back: false, id: '' });
    return made;
  }

  /** The bank sends the money back after all, and the account has to be entered anew. */
  comeBack(payout: Payout): void {
    payout.back = true;
    this.move('psp', `${payout.payee}:available`, payout.minor);
    this.#flagged.add(payout.payee);
  }
}
