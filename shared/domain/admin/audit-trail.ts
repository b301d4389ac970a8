import type { Actor, Permission } from '#platform/access.ts';
import { inTransaction } from '#platform/database.ts';
import type { RequestFacts } from '#platform/endpoint.ts';
import type { Id } from '#platform/id.ts';
import { AdminActions } from './admin-action.model.ts';

/** A member of staff at work: who, and by which request. */
export interface Staff {
  readonly actor: Pick<Actor, 'id'>;
  readonly request: Pick<RequestFacts, 'id' | 'address'>;
}

export interface Deed {
  readonly permission: Permission;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: Id };
  readonly before?: unknown;
  readonly after?: unknown;
  readonly reason?: string | undefined;
}

/** Writes into the audit trail, as part of the transaction that does what it says. */
export async function recordDeed(staff: Staff, deed: Deed, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('recordDeed() must be called inside transaction()');
  const { actor, request } = staff;
  await AdminActions.create([
    { ...deed, actor: actor.id, ip: request.address, requestId: request.id, at: now } as never,
  ]);
}
