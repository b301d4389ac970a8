import type { TaxClass } from '#domain/shop/sellable.ts';

/** Knows what tax is added to a price. A tax service can take the place of the table. */
export interface Taxes {
  /** Basis points on what the buyer pays. */
  readonly rateBps: (country: string, taxClass: TaxClass) => number;
}

/** What a parcel itself is taxed as. */
export const SHIPPING_TAX_CLASS: TaxClass = 'standard';

/** Basis points of the standard and the reduced rate by country; elsewhere we collect nothing. */
const RATES: Readonly<Record<string, readonly [standard: number, reduced: number]>> = {
  AT: [2000, 1000],
  BE: [2100, 600],
  DE: [1900, 700],
  DK: [2500, 2500],
  ES: [2100, 1000],
  FI: [2550, 1400],
  FR: [2000, 550],
  GB: [2000, 500],
  IE: [2300, 1350],
  IT: [2200, 1000],
  NL: [2100, 900],
  PL: [2300, 800],
  PT: [2300, 600],
  SE: [2500, 1200],
  US: [0, 0],
};

export const flatRates: Taxes = {
  rateBps: (country, taxClass) => {
    const [standard, reduced] = RATES[country] ?? [0, 0];
    return { standard, reduced, zero: 0 }[taxClass];
  },
};
