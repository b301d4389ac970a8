import { savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, DuplicateEntry, problem, ValidationFailed } from '#platform/problem.ts';
import { ShopUpdated } from './seller-events.ts';
import { type Shop, Shops } from './shop.model.ts';
import { ownShop, type ShopRow } from './shops.ts';
import { isVerified } from './verifications.ts';

export class NotVerified extends problem({
  code: 'not_verified',
  status: 409,
  error: 'This takes a valid verification',
}) {}

/** What a seller may change; what is left out stays as it is. */
export interface ShopEdit {
  readonly name?: string | undefined;
  /** In lower case. */
  readonly handle?: string | undefined;
  readonly description?: string | undefined;
  readonly country?: string | undefined;
  readonly shipping?: Shop['shipping'] | undefined;
  readonly returnPolicy?: Shop['returnPolicy'] | undefined;
  /** Nothing can be bought while its owner is away. */
  readonly holiday?: boolean | undefined;
  /** Where the shop is paid from now on; its owner has repeated a secret for it. */
  readonly payoutAccount?:
    | {
        readonly ref: string;
        readonly label: string;
        readonly schedule?: 'manual' | 'weekly' | undefined;
      }
    | undefined;
  /** Null takes the present one away. */
  readonly logo?: { readonly asset: Id<'media'>; readonly url: string } | null | undefined;
}

/**
 * Changes the caller's own shop and says so. Throws `NoActiveShop`, `DuplicateEntry` for a handle
 * that is taken, `ValidationFailed` for shipping that contradicts itself, `Conflict` for a holiday
 * of a shop that was suspended, and `NotVerified` for a payout account then.
 */
export const saveShop = (owner: Id<'user'>, edit: ShopEdit, now: Date): Promise<ShopRow> =>
  transaction(async () => {
    const shop = await ownShop(owner);
    const { payoutAccount, ...plain } = edit;
    const { handle, holiday, shipping } = plain;
    if (shipping) checkShipping(shipping);
    if (payoutAccount) await payTo(shop, payoutAccount, now);
    if (handle !== undefined && handle !== shop.handle && (await Shops.exists({ handle })))
      throw new DuplicateEntry({ field: 'handle' });
    const saved = await Shops.findOneAndUpdate(
      { _id: shop._id, ...(holiday !== undefined && { status: { $in: ['active', 'holiday'] } }) },
      changesOf(plain) as never,
      { returnDocument: 'after' },
    ).lean<ShopRow>();
    if (!saved) throw new Conflict({ current: shop.status });
    const { _id: shopId, status } = saved;
    await publish(ShopUpdated, { shopId, sellerId: owner, status }, { now, actor: owner });
    return saved;
  });

function changesOf({ holiday, logo, ...plain }: Omit<ShopEdit, 'payoutAccount'>) {
  const said = Object.entries(plain).filter(([, value]) => value !== undefined);
  return {
    $set: {
      ...Object.fromEntries(said),
      ...(holiday !== undefined && { status: holiday ? 'holiday' : 'active' }),
      ...(logo && { logo: logo.asset, logoUrl: logo.url }),
    },
    ...(logo === null && { $unset: { logo: 1, logoUrl: 1 } }),
    $inc: { version: 1 },
  };
}

/** Each country is in one profile, each method has one name in it, and ends after it begins. */
function checkShipping(shipping: Shop['shipping']): void {
  const countries = shipping.flatMap((profile) => profile.countries);
  const twice = (words: readonly string[]): boolean => new Set(words).size < words.length;
  const wrong = [
    ...(twice(countries) ? ['shipping: a country is in two profiles'] : []),
    ...(shipping.some(({ methods }) => twice(methods.map(({ code }) => code)))
      ? ['shipping: two methods of a profile have one code']
      : []),
    ...(shipping.some(({ methods }) => methods.some((one) => one.maxDays < one.minDays))
      ? ['shipping: maxDays is at least minDays']
      : []),
  ];
  if (wrong.length > 0) throw new ValidationFailed({ field: 'shipping', details: wrong });
}

async function payTo(
  { _id: id, owner }: ShopRow,
  account: NonNullable<ShopEdit['payoutAccount']>,
  now: Date,
): Promise<void> {
  if (!(await isVerified(owner, now))) throw new NotVerified();
  await savePayoutAccount({ type: 'shop', id }, { ...account, person: owner }, now);
}
