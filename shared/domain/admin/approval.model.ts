import {
  collection,
  date,
  mixed,
  oneOf,
  ref,
  requiredRef,
  requiredText,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** Something that takes two people: what one of them asks for, until another has decided. */
export interface Approval {
  /** `refund`, `adjustment`, `payout` */
  readonly kind: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly proposedBy: Id<'user'>;
  readonly reason: string;
  readonly status: 'open' | 'approved' | 'refused';
  readonly decidedBy?: Id<'user'>;
  readonly decidedAt?: Date;
}

export const Approvals = collection<Approval>('Approval', {
  fields: {
    kind: requiredText,
    payload: { ...mixed, required: true },
    proposedBy: requiredRef('User'),
    reason: { type: String, default: '' },
    status: oneOf(['open', 'approved', 'refused'], 'open'),
    decidedBy: ref('User'),
    decidedAt: date,
  },
  indexes: [
    [{ status: 1, kind: 1, _id: 1 }], // openApprovals
  ],
  personalData: {
    owner: ['proposedBy'],
    erase: 'retain',
    because: 'Who moved money by hand is kept for ten years.',
  },
});
