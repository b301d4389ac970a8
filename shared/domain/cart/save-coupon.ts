import { z } from 'zod';
import { transaction } from '#platform/database.ts';
import { type Id, idOf, newId } from '#platform/id.ts';
import { Moment } from '#platform/moment.ts';
import { AmountMinor, MAX_AMOUNT_MINOR } from '#platform/money.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { CouponUpdated } from './cart-events.ts';
import { COUPON_KINDS, COUPON_SCOPES, type Coupon, Coupons, UNLIMITED } from './coupon.model.ts';
import type { CouponRow } from './coupons.ts';

/** What can be said of a coupon. What is left out stays as it is; null takes a limit away. */
export const CouponEdit = z.object({
  kind: z.enum(COUPON_KINDS).optional(),
  /** Basis points of goods (`percent`) or of shipping (`shipping`), or minor units (`amount`). */
  value: z.int().min(1).max(MAX_AMOUNT_MINOR).optional(),
  /** The most it takes off one checkout. */
  capMinor: AmountMinor.nullable().optional(),
  minSpendMinor: z.int().min(0).max(MAX_AMOUNT_MINOR).optional(),
  scope: z
    .strictObject({
      type: z.enum(COUPON_SCOPES),
      ids: z.array(idOf('any')).max(200).default([]),
    })
    .optional(),
  startsAt: Moment.optional(),
  endsAt: Moment.nullable().optional(),
  budget: z
    .strictObject({
      /** All it may ever take off. */
      limitMinor: z.int().min(1).max(MAX_AMOUNT_MINOR).nullable().optional(),
      uses: z.int().min(1).max(MAX_AMOUNT_MINOR).nullable().optional(),
    })
    .optional(),
  perUser: z.int().min(1).max(1000).optional(),
  status: z.enum(['active', 'stopped']).optional(),
});
export type CouponEdit = z.infer<typeof CouponEdit>;

/** Whose coupon it is: a shop's, or with null the platform's; and its code in upper case. */
export interface CouponKey {
  readonly shop: Id<'shop'> | null;
  readonly code: string;
}

export interface SavedCoupon {
  readonly before: CouponRow | null;
  readonly coupon: CouponRow;
}

/**
 * Makes a coupon or changes it. Throws `ValidationFailed` for what makes no sense, and `Conflict`
 * when more of the budget is spent than the new one has.
 */
export const saveCoupon = (key: CouponKey, edit: CouponEdit, now: Date): Promise<SavedCoupon> =>
  transaction(async () => {
    const before = await couponOf(key);
    const terms = termsOf(before, edit, now);
    const id = before?._id ?? newId<'coupon'>();
    if (before) await change(before, terms);
    else
      await Coupons.create([
        {
          ...{ ...key, ...terms, _id: id, funding: key.shop ? 'seller' : 'platform' },
          minorLeft: limitOf(terms.budget.limitMinor),
          usesLeft: limitOf(terms.budget.uses),
        },
      ]);
    const shop = key.shop && { shopId: key.shop };
    await publish(CouponUpdated, { couponId: id, ...shop }, { now });
    const coupon = await couponOf(key);
    if (!coupon) throw new NotFound();
    return { before, coupon };
  });

const couponOf = ({ shop, code }: CouponKey): Promise<CouponRow | null> =>
  Coupons.findOne({ shop, code }).lean<CouponRow>().exec();

const limitOf = (limit: number | undefined): number => limit ?? UNLIMITED;

type Terms = Pick<
  Coupon,
  | 'kind'
  | 'value'
  | 'capMinor'
  | 'minSpendMinor'
  | 'scope'
  | 'startsAt'
  | 'endsAt'
  | 'budget'
  | 'perUser'
  | 'status'
>;

/** What a coupon says after an edit. */
function termsOf(before: CouponRow | null, edit: CouponEdit, now: Date): Terms {
  const kind = edit.kind ?? before?.kind;
  const value = edit.value ?? before?.value;
  if (kind === undefined || value === undefined)
    throw new ValidationFailed({ details: ['kind, value: required of a new coupon'] });
  const capMinor = changed(before?.capMinor, edit.capMinor);
  const endsAt = changed(before?.endsAt, edit.endsAt);
  const limitMinor = changed(before?.budget.limitMinor, edit.budget?.limitMinor);
  const uses = changed(before?.budget.uses, edit.budget?.uses);
  const terms: Terms = {
    ...{ kind, value },
    ...(capMinor !== undefined && { capMinor }),
    minSpendMinor: edit.minSpendMinor ?? before?.minSpendMinor ?? 0,
    scope: edit.scope ?? before?.scope ?? { type: 'all', ids: [] },
    startsAt: edit.startsAt ?? before?.startsAt ?? now,
    ...(endsAt !== undefined && { endsAt }),
    budget: {
      ...(limitMinor !== undefined && { limitMinor }),
      ...(uses !== undefined && { uses }),
    },
    perUser: edit.perUser ?? before?.perUser ?? 1,
    status: edit.status ?? before?.status ?? 'active',
  };
  const nonsense = nonsenseIn(terms);
  if (nonsense.length > 0) throw new ValidationFailed({ details: nonsense });
  return terms;
}

/** Undefined leaves what was, null takes it away. */
const changed = <Value>(was: Value | undefined, now: Value | null | undefined) =>
  now === undefined ? was : (now ?? undefined);

const nonsenseIn = ({ kind, value, scope, startsAt, endsAt }: Terms): string[] => [
  ...(kind !== 'amount' && value > 10_000 ? ['value: at most 10000 basis points'] : []),
  ...((scope.type === 'all') === scope.ids.length > 0
    ? ['scope: ids of products or categories, and none for all']
    : []),
  ...(endsAt && endsAt <= startsAt ? ['endsAt: later than startsAt'] : []),
];

/** The counters move by as much as the limits do, whatever is taken from them meanwhile. */
async function change(before: CouponRow, terms: Terms): Promise<void> {
  const more = {
    minorLeft: limitOf(terms.budget.limitMinor) - limitOf(before.budget.limitMinor),
    usesLeft: limitOf(terms.budget.uses) - limitOf(before.budget.uses),
  };
  const gone = { ...(!terms.capMinor && { capMinor: 1 }), ...(!terms.endsAt && { endsAt: 1 }) };
  const { modifiedCount } = await Coupons.updateOne(
    {
      _id: before._id,
      minorLeft: { $gte: -more.minorLeft },
      usesLeft: { $gte: -more.usesLeft },
    },
    { $set: terms, $unset: gone, $inc: { version: 1, ...more } },
  );
  if (modifiedCount === 0) throw new Conflict({ field: 'budget', current: usedOf(before) });
}

/** What has been taken from a coupon's budget, what is only claimed included. */
export const usedOf = ({ budget, minorLeft, usesLeft }: CouponRow) => ({
  minor: limitOf(budget.limitMinor) - minorLeft,
  uses: limitOf(budget.uses) - usesLeft,
});
