import { forget, giveBack, type Lying, staleClaims, take } from '#platform/claim.ts';
import { after, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId, toId } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import { type Coupon, Coupons } from './coupon.model.ts';
import { CouponRedemptions } from './coupon-redemption.model.ts';
import { CouponRefused, usesOf } from './coupons.ts';
import type { QuoteCoupon } from './quote.ts';

/** The two counters of a coupon's budget: an amount, and one use. */
const BUDGET = { field: 'minorLeft', countedBy: 'usesLeft' } as const;

/**
 * Takes from the budgets of coupons, once for each checkout, before the transaction that orders.
 * Gives back what it took and throws `CouponRefused` when one of them does not suffice.
 */
export async function claimCoupons(
  checkout: Id<'checkout'>,
  user: Id<'user'>,
  coupons: readonly QuoteCoupon[],
  now: Date,
): Promise<void> {
  const wanted = inTotal(coupons);
  const uses = await usesOf(
    user,
    wanted.map(({ coupon }) => coupon),
  );
  const rules = await rulesOf(wanted.map(({ coupon }) => coupon));
  const taken: (typeof wanted)[number][] = [];
  for (const one of wanted) {
    const hex = one.coupon.toHexString();
    const spent = (uses.get(hex) ?? 0) >= (rules.get(hex)?.perUser ?? 0);
    const { coupon: id, discountMinor: amount } = one;
    const where = { status: 'active' } as const;
    if (!spent && (await take(Coupons, { ...BUDGET, id, claim: checkout, amount, where, now })))
      taken.push(one);
    else {
      for (const { coupon, discountMinor } of taken)
        await giveBack(Coupons, { ...BUDGET, id: coupon, claim: checkout, amount: discountMinor });
      throw new CouponRefused({ details: [`${one.code}: ${spent ? 'used_by_you' : 'used_up'}`] });
    }
  }
}

/** What each coupon takes off the orders of one checkout together. */
function inTotal(coupons: readonly QuoteCoupon[]): QuoteCoupon[] {
  const byId = Map.groupBy(coupons, ({ coupon }) => coupon.toHexString());
  return [...byId.values()].flatMap((parts) => {
    const discountMinor = parts.reduce((sum, part) => sum + part.discountMinor, 0);
    return parts.slice(0, 1).map((first) => ({ ...first, discountMinor }));
  });
}

type Rules = Pick<Coupon, 'code' | 'perUser'>;

/** What these coupons are called and how often one person may use them, by their ids in hex. */
async function rulesOf(coupons: readonly Id<'coupon'>[]): Promise<Map<string, Rules>> {
  if (coupons.length === 0) return new Map();
  const rows = await Coupons.find({ _id: { $in: [...coupons] } }, { code: 1, perUser: 1 }).lean();
  return new Map(rows.map((row) => [row._id.toHexString(), row]));
}

export interface RedeemedPart {
  readonly order: Id<'order'>;
  readonly coupon: Id<'coupon'>;
  readonly discountMinor: number;
}

/**
 * Writes down the use of coupons, in the transaction that orders. Throws `CouponRefused` when this
 * person has meanwhile used one of them as often as they may, and `Conflict` when the claim was so
 * old that it has been given back.
 */
export async function redeemCoupons(
  checkout: Id<'checkout'>,
  user: Id<'user'>,
  parts: readonly RedeemedPart[],
  now: Date,
): Promise<void> {
  const byCoupon = Map.groupBy(parts, ({ coupon }) => coupon.toHexString());
  const rules = await rulesOf(parts.map(({ coupon }) => coupon));
  for (const [hex, own] of byCoupon) {
    const coupon: Id<'coupon'> = toId(hex);
    const earlier = await CouponRedemptions.findOne({ checkout, coupon }, { status: 1 }).lean();
    if (earlier) throw new Conflict({ current: earlier.status });
    const nth = await freeUse(coupon, user, rules.get(hex));
    await CouponRedemptions.create([
      {
        ...{ coupon, checkout, user, nth, createdAt: now },
        amountMinor: own.reduce((sum, { discountMinor }) => sum + discountMinor, 0),
        orders: own.map(({ order, discountMinor }) => ({ order, discountMinor })),
      },
    ]);
  }
}

/** The lowest number of a use that is free; two that take the same one collide on its index. */
async function freeUse(
  coupon: Id<'coupon'>,
  user: Id<'user'>,
  rules: Rules | undefined,
): Promise<number> {
  const rows = await CouponRedemptions.find(
    { coupon, user, nth: { $exists: true } },
    { nth: 1 },
  ).lean();
  const used = new Set(rows.map(({ nth }) => nth));
  for (let nth = 1; nth <= (rules?.perUser ?? 0); nth += 1) if (!used.has(nth)) return nth;
  throw new CouponRefused({ details: [`${rules?.code}: used_by_you`] });
}

/** Forgets the claims after the commit: what they took stays taken. Safe to repeat. */
export const keepCoupons = (
  checkout: Id<'checkout'>,
  coupons: readonly QuoteCoupon[],
): Promise<void> =>
  forget(
    Coupons,
    coupons.map(({ coupon }) => coupon),
    checkout,
  );

/**
 * Gives back what coupons took off one order that is not paid any more, in a transaction. What they
 * take off others of its checkout stays as it is: the use goes back to the person with the last of
 * its orders. The budgets get their part within a minute: those are counters many write to, so not
 * in the transaction that cancels. See `recoverCouponClaims`.
 */
export async function returnCoupons(checkout: Id<'checkout'>, order: Id<'order'>): Promise<void> {
  const rows = await CouponRedemptions.find({ checkout, 'orders.order': order }).lean();
  for (const { _id, orders } of rows) {
    const part = orders.find((one) => sameId(one.order, order))?.discountMinor ?? 0;
    await CouponRedemptions.updateOne(
      { _id, 'orders.order': order },
      {
        $pull: { orders: { order } },
        $inc: { amountMinor: -part, owedMinor: part },
        ...(orders.length === 1 && { $set: { status: 'returned' }, $unset: { nth: 1 } }),
      },
    );
  }
}

/**
 * Gives back what a checkout claimed and has not redeemed, whatever became of its transaction. The
 * checkout must not be tried again under the same id.
 */
export async function abandonCoupons(
  checkout: Id<'checkout'>,
  coupons: readonly QuoteCoupon[],
): Promise<void> {
  for (const { coupon, discountMinor } of inTotal(coupons))
    await abandon(coupon, checkout, discountMinor);
}

type StaleClaim = Lying<'coupon', 'checkout'>;

/** Longer than any transaction takes. */
const STALE_AFTER_MS = minutes(2);

/**
 * Gives back to the budgets of coupons what they are owed: claims whose checkout died before it
 * ordered, and what was taken off orders that were never paid. Returns how many it dealt with, about `limit` of
 * each; safe to run twice at once.
 */
export async function recoverCouponClaims(now: Date, limit: number): Promise<number> {
  const before = after(now, -STALE_AFTER_MS);
  const stale: StaleClaim[] = await staleClaims(Coupons, before, limit);
  for (const { id, claim } of stale) await abandon(id, claim.id, claim.amount);
  const owed = await CouponRedemptions.find({ owedMinor: { $exists: true } })
    .sort({ _id: 1 })
    .limit(limit)
    .lean();
  for (const { _id } of owed) await refill(_id);
  return stale.length + owed.length;
}

/**
 * Ends a claim. The row that is written first keeps the checkout's transaction, should it still be
 * under way, from writing its own; where that was quicker, what was taken stays taken.
 */
async function abandon(
  coupon: Id<'coupon'>,
  checkout: Id<'checkout'>,
  amount: number,
): Promise<void> {
  const row = await CouponRedemptions.findOneAndUpdate(
    { checkout, coupon },
    { $setOnInsert: { status: 'void', amountMinor: 0 } },
    { upsert: true, returnDocument: 'after' },
  ).lean();
  if (row.status === 'void')
    await giveBack(Coupons, { ...BUDGET, id: coupon, claim: checkout, amount });
  else await forget(Coupons, [coupon], checkout);
}

const refill = (id: Id): Promise<void> =>
  transaction(async () => {
    const row = await CouponRedemptions.findOneAndUpdate(
      { _id: id, owedMinor: { $exists: true } },
      { $unset: { owedMinor: 1 } },
      { returnDocument: 'before' },
    ).lean();
    if (!row) return;
    const { coupon, owedMinor = 0, status } = row;
    const uses = status === 'returned' ? 1 : 0;
    await Coupons.updateOne(
      { _id: coupon },
      { $inc: { [BUDGET.field]: owedMinor, [BUDGET.countedBy]: uses } },
      { timestamps: false },
    );
  });
