/** Who trades what with whom: said once, for the world and for the oracle. Amounts are minor units. */

export const BUYERS = ['ann', 'ben', 'cem'] as const;
/** Earns with what she shows, and with what she is given. */
export const CREATOR = 'cleo';
export const SELLERS = ['sal', 'sue'] as const;
export const PEOPLE = [...BUYERS, CREATOR, ...SELLERS] as const;
export type Name = (typeof PEOPLE)[number];
export type Buyer = (typeof BUYERS)[number];

/** What each buyer has in the beginning. */
export const PURSE = 40_000;

export const SHOPS = [
  { owner: 'sal', shipping: { rate: 499, perExtraPiece: 0 }, freeFrom: 1_000_000 },
  { owner: 'sue', shipping: { rate: 351, perExtraPiece: 50 }, freeFrom: 6000 },
] as const;
export const shopOf = (shop: number) => SHOPS[shop] ?? SHOPS[0];

interface Product extends Readonly<Record<'price' | 'stock' | 'feeBps' | 'promoBps', number>> {
  readonly shop: number;
  readonly taxClass: 'standard' | 'reduced' | 'zero';
  readonly category: string;
}
/** What the platform keeps, and what the creator earns with it, are in basis points. */
const thing = { taxClass: 'standard', category: 'home', feeBps: 500, promoBps: 0 } as const;
/** In the order of their shops. */
export const PRODUCTS: readonly [Product, ...Product[]] = [
  { ...thing, shop: 0, price: 1003, stock: 14 },
  { ...thing, shop: 0, price: 599, stock: 9, taxClass: 'reduced', category: 'books', feeBps: 300 },
  { ...thing, shop: 1, price: 2999, stock: 8, promoBps: 1234 },
  { ...thing, shop: 1, price: 51, stock: 30, taxClass: 'zero' },
  { ...thing, shop: 1, price: 7777, stock: 4, category: 'electronics', feeBps: 400, promoBps: 700 },
];
export const productOf = (product: number) => PRODUCTS[product] ?? PRODUCTS[0];
/** Where everybody lives. */
export const TAX_BPS = { standard: 1900, reduced: 700, zero: 0 } as const;

/** A percentage in basis points, or an amount, of which at most the budget is ever taken off. */
export interface Coupon {
  readonly code: string;
  /** Whose; the platform’s where none is said. */
  readonly shop?: number;
  readonly kind: 'percent' | 'amount';
  readonly value: number;
  readonly cap: number;
  readonly minSpend: number;
  readonly perUser: number;
  readonly uses: number;
  readonly budget: number;
}
const any = { cap: 100_000, minSpend: 0, perUser: 9, uses: 99, budget: 1_000_000 };
/** Each can be used with the others. */
export const COUPONS: readonly Coupon[] = [
  { ...any, code: 'TENTH', shop: 0, kind: 'percent', value: 1000, perUser: 2, uses: 4 },
  { ...any, code: 'MINUS', shop: 1, kind: 'amount', value: 333, minSpend: 2000 },
  { ...any, code: 'SAVE', kind: 'percent', value: 1501, cap: 1999, budget: 3000, perUser: 2 },
];

/** In minutes. */
export const DAY = 24 * 60;
/** What takes how long unless somebody does something. */
export const TIMES = {
  ...{ pay: 15, confirm: 30, consent: DAY, ship: 3 * DAY, late: 10 * DAY, transit: 30 * DAY },
  ...{ complete: 14 * DAY, settle: 3 * DAY, answer: 2 * DAY, appeal: 7 * DAY, sendBack: 7 * DAY },
  ...{ backInTransit: 30 * DAY, backArrived: 3 * DAY, look: 2 * DAY },
} as const;

/** What happens when nobody does anything, and when. */
export interface Due {
  readonly kind: keyof typeof TIMES;
  readonly at: number;
}

export const PACKS = {
  'coins-70': { price: 99, coins: 70 },
  'coins-700': { price: 999, coins: 710 },
} as const;
export const GIFTS = {
  heart: { coins: 1, diamonds: 0 },
  coffee: { coins: 10, diamonds: 5 },
  confetti: { coins: 100, diamonds: 50 },
} as const;

/** The least that is paid out. */
export const PAYOUTS = { minimum: 500, minimumDiamonds: 50 } as const;
