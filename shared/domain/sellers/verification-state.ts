import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { Conflict } from '#platform/problem.ts';
import {
  type ReasonCode,
  type SellerVerification,
  SellerVerifications,
  type VerificationStatus,
} from './seller-verification.model.ts';

export type VerificationRow = SellerVerification & Stored & { readonly _id: Id<'verification'> };

interface Move {
  readonly from: readonly VerificationStatus[];
  readonly to: VerificationStatus;
}

/** All that can be done with a case. Anything else, or from anywhere else, is refused. */
export const DEEDS = {
  submit: { from: ['draft', 'needs_info', 'expired'], to: 'submitted' },
  claim: { from: ['submitted'], to: 'in_review' },
  approve: { from: ['in_review'], to: 'approved' },
  reject: { from: ['in_review'], to: 'rejected' },
  needs_info: { from: ['in_review'], to: 'needs_info' },
  withdraw: { from: ['draft', 'submitted', 'in_review', 'needs_info'], to: 'withdrawn' },
  expire: { from: ['approved'], to: 'expired' },
  suspend: { from: ['approved'], to: 'suspended' },
  reinstate: { from: ['suspended'], to: 'approved' },
  revoke: { from: ['suspended'], to: 'revoked' },
} as const satisfies Record<string, Move>;
export type VerificationDeed = keyof typeof DEEDS;

/** While a case can be written in by its owner. */
export const EDITABLE: readonly VerificationStatus[] = DEEDS.submit.from;

/** After these a case is over, and another one may begin. */
const ENDS: readonly VerificationStatus[] = ['rejected', 'revoked', 'withdrawn'];

/** What a deed leaves on the case beside its state. */
export interface Learned {
  readonly set?: Partial<Omit<SellerVerification, 'status' | 'timeline' | 'version' | 'current'>>;
  readonly unset?: readonly (keyof SellerVerification)[];
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
  readonly reasonCode?: ReasonCode | undefined;
}

/**
 * Does one deed to a case, inside the caller's transaction. Throws `Conflict` with the state it is
 * in when that state does not know the deed, which all but the first of several callers are told.
 */
export async function moveVerification(
  { _id }: Pick<VerificationRow, '_id'>,
  deed: VerificationDeed,
  { set = {}, unset = [], by, note, reasonCode }: Learned,
  now: Date,
): Promise<VerificationRow> {
  if (!inTransaction()) throw new Error('moveVerification() must be called inside transaction()');
  const { from, to }: Move = DEEDS[deed];
  const step = {
    ...{ deed, status: to, at: now },
    ...(by && { by }),
    ...(note && { note }),
    ...(reasonCode && { reasonCode }),
  };
  const gone = [...unset, ...(ENDS.includes(to) ? ['current'] : [])];
  const moved = await SellerVerifications.findOneAndUpdate(
    { _id, status: { $in: [...from] } },
    {
      $set: { ...set, status: to },
      ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map((field) => [field, 1])) }),
      $inc: { version: 1 },
      $push: { timeline: { $each: [step], $slice: -50 } },
    } as never,
    { returnDocument: 'after' },
  ).lean<VerificationRow>();
  if (moved) return moved;
  const current = await SellerVerifications.findOne({ _id }, { status: 1 }).lean();
  throw new Conflict({ current: current?.status ?? null });
}
