import { z } from 'zod';
import { line } from '#domain/users/words.ts';
import type { Stored } from '#platform/collection.ts';
import { Country } from '#platform/country.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText, newId } from '#platform/id.ts';
import { NotFound, problem } from '#platform/problem.ts';
import { type Address, Addresses } from './address.model.ts';
import type { PostalAddress } from './quote.ts';

export type AddressRow = Address & Stored & { readonly _id: Id<'address'> };

export const MAX_ADDRESSES = 50;

export class AddressBookFull extends problem({
  code: 'address_book_full',
  status: 409,
  error: 'Remove an address first',
}) {}

const filled = (max: number) => line(max).pipe(z.string().min(1));

/** An address as somebody types it. */
export const PostalAddressInput = z.strictObject({
  name: filled(100),
  phone: z
    .string()
    .trim()
    .regex(/^(?:\+?[\d ()./-]{3,30})?$/, 'a phone number')
    .default(''),
  lines: z.array(filled(120)).min(1).max(3),
  city: filled(100),
  region: line(100).default(''),
  postcode: line(20).default(''),
  country: Country,
});

/** Where something is sent, as it is shown. */
export const PostalView = z.object({
  name: z.string(),
  phone: z.string(),
  lines: z.array(z.string()),
  city: z.string(),
  region: z.string(),
  postcode: z.string(),
  country: z.string(),
});

export const AddressView = z.object({
  id: IdText,
  ...PostalView.shape,
  isDefault: z.boolean(),
});

const toPostalAddress = (row: PostalAddress): PostalAddress => {
  const { name, phone, lines, city, region, postcode, country } = row;
  return { name, phone, lines, city, region, postcode, country };
};

export const toAddressView = (row: AddressRow): z.input<typeof AddressView> => ({
  ...toPostalAddress(row),
  lines: [...row.lines],
  id: row._id.toHexString(),
  isDefault: row.isDefault,
});

/** Somebody's whole address book, oldest first. */
export const addressesOf = (user: Id<'user'>): Promise<AddressRow[]> =>
  Addresses.find({ user }).sort({ _id: 1 }).limit(MAX_ADDRESSES).lean<AddressRow[]>().exec();

/** An address of this person. Throws `NotFound`. */
export async function addressOf(user: Id<'user'>, id: Id<'address'>): Promise<PostalAddress> {
  const row = await Addresses.findOne({ _id: id, user }).lean<AddressRow>();
  if (!row) throw new NotFound();
  return toPostalAddress(row);
}

export interface AddressWish {
  readonly address: PostalAddress;
  /** Undefined leaves it as it is; the first address is the default in any case. */
  readonly isDefault: boolean | undefined;
}

/**
 * Adds an address. Throws `AddressBookFull`. Whoever adds writes to the default address, so that
 * two additions follow one another and both count right.
 */
export const addAddress = (user: Id<'user'>, { address, isDefault }: AddressWish) =>
  transaction(async () => {
    const replaced = await Addresses.updateOne(
      { user, isDefault: true },
      isDefault ? { $set: { isDefault: false } } : { $currentDate: { updatedAt: true } },
    );
    const isFirst = replaced.matchedCount === 0;
    if ((await Addresses.countDocuments({ user })) >= MAX_ADDRESSES) throw new AddressBookFull();
    const _id = newId<'address'>();
    const isNowDefault = isFirst || isDefault === true;
    await Addresses.create([{ ...address, _id, user, isDefault: isNowDefault }]);
    return savedAddress(user, _id);
  });

/**
 * Changes an address. The default stays one until another address is made it. Throws `NotFound`.
 */
export const changeAddress = (
  user: Id<'user'>,
  id: Id<'address'>,
  { address, isDefault }: AddressWish,
) =>
  transaction(async () => {
    if (isDefault)
      await Addresses.updateOne(
        { user, isDefault: true, _id: { $ne: id } },
        { $set: { isDefault: false } },
      );
    await Addresses.updateOne(
      { _id: id, user },
      { $set: { ...address, ...(isDefault && { isDefault }) } },
    );
    return savedAddress(user, id);
  });

/** Removes an address; of the default, the one that was added last takes the place. Throws `NotFound`. */
export const removeAddress = (user: Id<'user'>, id: Id<'address'>) =>
  transaction(async () => {
    const removed = await Addresses.findOneAndDelete({ _id: id, user }).lean<AddressRow>();
    if (!removed) throw new NotFound();
    if (removed.isDefault)
      await Addresses.findOneAndUpdate(
        { user },
        { $set: { isDefault: true } },
        { sort: { _id: -1 } },
      );
  });

async function savedAddress(user: Id<'user'>, id: Id<'address'>): Promise<AddressRow> {
  const row = await Addresses.findOne({ _id: id, user }).lean<AddressRow>();
  if (!row) throw new NotFound();
  return row;
}
