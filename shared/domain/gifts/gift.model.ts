import {
  collection,
  flag,
  mixed,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';

/** A gift as it is offered. */
export interface Gift {
  readonly code: string;
  /** By language. */
  readonly name: Readonly<Record<string, string>>;
  readonly coinPrice: number;
  /** What its receiver gets, in diamonds. */
  readonly diamondYield: number;
  /** Which animation a client plays. */
  readonly animation?: string;
  /** Clients lock it below this level of the sender. */
  readonly minLevel: number;
  readonly active: boolean;
}

export const Gifts = collection<Gift>('Gift', {
  fields: {
    code: requiredText,
    name: { ...mixed, required: true },
    coinPrice: { ...requiredWhole, min: 1 },
    diamondYield: { ...requiredWhole, min: 0 },
    animation: text,
    minLevel: { ...whole, min: 0, default: 0 },
    active: { ...flag, default: true },
  },
  indexes: [
    [{ code: 1 }, { unique: true }], // saveGift
    [{ active: 1, coinPrice: 1, _id: 1 }], // giftCatalogue
  ],
  personalData: 'none',
});
