import {
  collection,
  flag,
  mixed,
  requiredText,
  requiredWhole,
  whole,
} from '#platform/collection.ts';

/** A pack of coins as it is sold. */
export interface Coin {
  readonly code: string;
  readonly coins: number;
  /** Coins that come on top. */
  readonly bonus: number;
  /** Minor units by currency. */
  readonly prices: Readonly<Record<string, number>>;
  /** What the pack is called in the stores of phones. */
  readonly storeProductIds: Readonly<Record<string, string>>;
  readonly active: boolean;
}

export const Coins = collection<Coin>('Coin', {
  fields: {
    code: requiredText,
    coins: { ...requiredWhole, min: 1 },
    bonus: { ...whole, min: 0, default: 0 },
    prices: { ...mixed, required: true },
    storeProductIds: { ...mixed, default: {} },
    active: { ...flag, default: true },
  },
  indexes: [
    [{ code: 1 }, { unique: true }], // saveCoinPack
    [{ active: 1, coins: 1, _id: 1 }], // coinPacks
  ],
  personalData: 'none',
});
