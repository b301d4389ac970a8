import { Gifts } from '#domain/gifts/gift.model.ts';
import { Coins } from '#domain/wallet/coin.model.ts';
import type { Migration } from '../migrate.ts';

const PACKS = [
  { code: 'coins-70', coins: 70, bonus: 0, prices: { USD: 99, EUR: 99, GBP: 89 } },
  { code: 'coins-350', coins: 350, bonus: 0, prices: { USD: 499, EUR: 499, GBP: 449 } },
  { code: 'coins-700', coins: 700, bonus: 10, prices: { USD: 999, EUR: 999, GBP: 899 } },
  { code: 'coins-1400', coins: 1400, bonus: 40, prices: { USD: 1999, EUR: 1999, GBP: 1799 } },
  { code: 'coins-3500', coins: 3500, bonus: 150, prices: { USD: 4999, EUR: 4999, GBP: 4499 } },
  { code: 'coins-7000', coins: 7000, bonus: 400, prices: { USD: 9999, EUR: 9999, GBP: 8999 } },
];

const GIFTS = [
  { code: 'heart', coinPrice: 1, diamondYield: 0, name: { en: 'Heart', de: 'Herz' } },
  { code: 'rose', coinPrice: 2, diamondYield: 1, name: { en: 'Rose', de: 'Rose' } },
  { code: 'coffee', coinPrice: 10, diamondYield: 5, name: { en: 'Coffee', de: 'Kaffee' } },
  { code: 'cake', coinPrice: 50, diamondYield: 25, name: { en: 'Cake', de: 'Torte' } },
  { code: 'confetti', coinPrice: 100, diamondYield: 50, name: { en: 'Confetti', de: 'Konfetti' } },
  { code: 'guitar', coinPrice: 500, diamondYield: 250, name: { en: 'Guitar', de: 'Gitarre' } },
  { code: 'balloon', coinPrice: 1000, diamondYield: 500, name: { en: 'Balloon', de: 'Ballon' } },
  { code: 'castle', coinPrice: 10_000, diamondYield: 5000, name: { en: 'Castle', de: 'Schloss' } },
];

/** What is there already is left as it is: staff may have changed it. */
const unlessThere = <Row extends { readonly code: string }>(rows: readonly Row[]) =>
  rows.map((row) => ({
    updateOne: { filter: { code: row.code }, update: { $setOnInsert: row }, upsert: true },
  }));

const migration: Migration = {
  summary: 'the first gifts and packs of coins',
  up: async () => {
    const packs = PACKS.map((pack) => ({ ...pack, storeProductIds: {}, active: true }));
    const gifts = GIFTS.map((gift) => ({
      ...{ ...gift, animation: gift.code },
      ...{ minLevel: 0, active: true },
    }));
    const sold = await Coins.bulkWrite(unlessThere(packs));
    const given = await Gifts.bulkWrite(unlessThere(gifts));
    return sold.upsertedCount + given.upsertedCount;
  },
};
export default migration;
