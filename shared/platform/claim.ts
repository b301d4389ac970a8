import type { Model } from 'mongoose';
import { part, requiredDate, requiredRef, requiredWhole } from './collection.ts';
import type { Id } from './id.ts';

/**
 * A counter that many want at once: the stock of a product in a drop, the budget of a coupon.
 * Changed inside transactions, it would make all of them conflict and run again. So it is taken by
 * one conditional write before the transaction, which leaves the id of the claim in the document.
 * The transaction writes a row under that id; after it the claim is forgotten, and what was taken
 * stays taken. A claim whose transaction never committed is found by its age and given back.
 * See docs/decisions/hot-counters.md.
 */
export interface Claim<By extends string = string> {
  readonly id: Id<By>;
  readonly amount: number;
  readonly at: Date;
}

/** The field of a collection whose counters can be claimed; index it with `{ 'claims.at': 1 }`. */
export const claimsField = {
  type: [part({ id: requiredRef('Any'), amount: { ...requiredWhole, min: 1 }, at: requiredDate })],
  default: [],
} as const;

interface Claimable {
  readonly claims: readonly Claim[];
}

interface Taking {
  readonly id: Id;
  /** What else must be true of the document, for instance that it is active. */
  readonly where?: Readonly<Record<string, unknown>>;
  readonly field: string;
  /** A second counter of the document, of which every claim takes one. */
  readonly countedBy?: string;
  readonly claim: Id;
  readonly amount: number;
  readonly now: Date;
}

/** Takes an amount from a counter, once for each claim; false when there is not enough. Outside of transactions. */
export async function take<Doc extends Claimable>(
  model: Model<Doc>,
  { id, where = {}, field, countedBy, claim, amount, now }: Taking,
): Promise<boolean> {
  const enough = { [field]: { $gte: amount }, ...(countedBy && { [countedBy]: { $gte: 1 } }) };
  const { modifiedCount } = await model.updateOne(
    { ...where, _id: id, ...enough, 'claims.id': { $ne: claim } } as never,
    {
      $inc: { [field]: -amount, ...(countedBy && { [countedBy]: -1 }) },
      $push: { claims: { id: claim, amount, at: now } },
    } as never,
    { timestamps: false },
  );
  if (modifiedCount === 1) return true;
  return (await model.exists({ _id: id, 'claims.id': claim } as never)) !== null;
}

/** Gives back what a claim took; false when there is no such claim, so that it is given back once. */
export async function giveBack<Doc extends Claimable>(
  model: Model<Doc>,
  { id, field, countedBy, claim, amount }: Omit<Taking, 'where' | 'now'>,
): Promise<boolean> {
  const { modifiedCount } = await model.updateOne(
    { _id: id, 'claims.id': claim } as never,
    {
      $inc: { [field]: amount, ...(countedBy && { [countedBy]: 1 }) },
      $pull: { claims: { id: claim } },
    } as never,
    { timestamps: false },
  );
  return modifiedCount === 1;
}

/** Forgets a claim whose row was committed: what it took stays taken. Safe to repeat. */
export async function forget<Doc extends Claimable>(
  model: Model<Doc>,
  ids: readonly Id[],
  claim: Id,
): Promise<void> {
  if (ids.length === 0) return;
  await model.updateMany(
    { _id: { $in: [...ids] }, 'claims.id': claim } as never,
    { $pull: { claims: { id: claim } } } as never,
    { timestamps: false },
  );
}

/** A claim and the document it lies in. */
export interface Lying<In extends string, By extends string> {
  readonly id: Id<In>;
  readonly claim: Claim<By>;
}

/** Claims that are older than any transaction can become. */
export async function staleClaims<
  Doc extends Claimable,
  In extends string = string,
  By extends string = string,
>(model: Model<Doc>, before: Date, limit: number): Promise<Lying<In, By>[]> {
  const found = await model
    .find({ 'claims.at': { $lt: before } } as never, { claims: 1 })
    .limit(limit)
    .lean<{ readonly _id: Id<In>; readonly claims: readonly Claim<By>[] }[]>();
  return found.flatMap(({ _id, claims }) =>
    claims.filter(({ at }) => at < before).map((claim) => ({ id: _id, claim })),
  );
}
