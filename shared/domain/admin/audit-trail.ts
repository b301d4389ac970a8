import { z } from 'zod';
import { type Actor, PERMISSIONS, type Permission } from '#platform/access.ts';
import type { Stored } from '#platform/collection.ts';
import { inTransaction } from '#platform/database.ts';
import type { RequestFacts } from '#platform/endpoint.ts';
import { type Id, IdText } from '#platform/id.ts';
import { countAll, findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type AdminAction, AdminActions } from './admin-action.model.ts';

/** A member of staff at work: who, and by which request. */
export interface Staff {
  readonly actor: Pick<Actor, 'id'>;
  readonly request: Pick<RequestFacts, 'id' | 'address'>;
}

export interface Deed {
  readonly permission: Permission;
  readonly action: string;
  readonly target: { readonly type: string; readonly id: Id };
  readonly before?: object | null | undefined;
  readonly after?: object | null | undefined;
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

/** One line of the audit trail. */
export const DeedView = z.object({
  id: IdText,
  actor: IdText,
  permission: z.enum(PERMISSIONS),
  action: z.string(),
  target: z.object({ type: z.string(), id: IdText }),
  /** What was changed, as it was and as it is. */
  before: z.looseObject({}).nullable(),
  after: z.looseObject({}).nullable(),
  reason: z.string(),
  requestId: z.string(),
  at: z.iso.datetime(),
});

export const toDeedView = (deed: AdminAction & Stored): z.input<typeof DeedView> => ({
  id: deed._id.toHexString(),
  actor: deed.actor.toHexString(),
  permission: deed.permission,
  action: deed.action,
  target: { type: deed.target.type, id: deed.target.id.toHexString() },
  before: plain(deed.before),
  after: plain(deed.after),
  reason: deed.reason,
  requestId: deed.requestId,
  at: deed.at.toISOString(),
});

const plain = (value: unknown) => (value == null ? null : JSON.parse(JSON.stringify(value)));

/** At most one of these narrows the trail, because each has its index. */
export interface DeedFilter {
  readonly actor?: Id<'user'> | undefined;
  readonly target?: Id | undefined;
  readonly action?: string | undefined;
}

/** The audit trail, the latest first. */
export function deeds(
  { actor, target, action }: DeedFilter,
  query: PageQuery,
): Promise<Page<AdminAction & Stored>> {
  const where = {
    ...(actor && { actor }),
    ...(target && { 'target.id': target }),
    ...(action && { action }),
  };
  return findPage<AdminAction>({
    model: AdminActions,
    where,
    sort: { field: 'at', direction: -1 },
    query,
    scope: 'deeds',
    ...(!actor && !target && !action && { total: () => countAll(AdminActions) }),
  });
}
