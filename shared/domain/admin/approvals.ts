import { inTransaction } from '#platform/database.ts';
import { type Id, newId, sameId } from '#platform/id.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { type Approval, Approvals } from './approval.model.ts';

export class SecondPersonRequired extends problem({
  code: 'second_person_required',
  status: 409,
  error: 'Somebody else has to approve this',
}) {}

/** Asks for a second person; inside the caller's transaction. Returns the id they approve by. */
export async function propose(
  kind: string,
  payload: Approval['payload'],
  proposal: { readonly by: Id<'user'>; readonly reason: string },
): Promise<Id<'approval'>> {
  const _id = newId<'approval'>();
  await Approvals.create([
    { _id, kind, payload, proposedBy: proposal.by, reason: proposal.reason } as never,
  ]);
  return _id;
}

/**
 * Approves what somebody else proposed, once, inside the transaction that carries it out. Throws
 * `NotFound`, `Conflict` when it was decided before, and `SecondPersonRequired` for the proposer.
 */
export async function approve(
  kind: string,
  id: Id<'approval'>,
  by: Id<'user'>,
  now: Date,
): Promise<Approval> {
  if (!inTransaction()) throw new Error('approve() must be called inside transaction()');
  const approval = await Approvals.findOne({ _id: id, kind }).lean<Approval>();
  if (!approval) throw new NotFound();
  if (sameId(approval.proposedBy, by)) throw new SecondPersonRequired();
  const { modifiedCount } = await Approvals.updateOne(
    { _id: id, status: 'open' },
    { $set: { status: 'approved', decidedBy: by, decidedAt: now } },
  );
  if (modifiedCount === 0) throw new Conflict({ current: approval.status });
  return approval;
}
