import { collection, flag, requiredRef, requiredText } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import type { PostalAddress } from './quote.ts';

/** An entry of somebody's address book. Orders keep a copy, so it can go at any time. */
export interface Address extends PostalAddress {
  readonly user: Id<'user'>;
  /** Exactly one of a book that is not empty. */
  readonly isDefault: boolean;
}

const mayBeEmpty = { type: String, default: '' } as const;

export const Addresses = collection<Address>('Address', {
  fields: {
    user: requiredRef('User'),
    name: requiredText,
    phone: mayBeEmpty,
    lines: { type: [String], required: true },
    city: requiredText,
    region: mayBeEmpty,
    postcode: mayBeEmpty,
    country: requiredText,
    isDefault: flag,
  },
  indexes: [
    [{ user: 1, _id: 1 }], // addressesOf
    [
      { user: 1, isDefault: 1 },
      { unique: true, partialFilterExpression: { isDefault: true } },
    ], // the default
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
