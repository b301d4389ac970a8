import { config } from './config.ts';
import type { Id } from './id.ts';
import {
  AccountRestricted,
  AdminRequired,
  EmailNotVerified,
  NoToken,
  PermissionRequired,
  SellerRequired,
} from './problem.ts';

export type Role = 'user' | 'seller' | 'admin';

/** What staff may be allowed to do; an administrator has exactly those granted to them. */
export const PERMISSIONS = [
  'users.read',
  'users.ban',
  'sellers.verify',
  'analytics.read',
  'staff.manage',
  'queue.read',
  'queue.decide',
  'orders.read',
  'money.refund',
  'money.adjust',
  'money.read',
  'settings.read',
  'settings.write',
  'audit.read',
  'catalogue.write',
  'announce',
  'live.stop',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/**
 * Who may call an endpoint. `optional` works signed out and is richer signed in; `confirm` is a
 * user who repeats a secret in the body; `owner` and `host` are users whose right to the thing
 * asked for is part of the room's own query; `signed` is another company's signature over the raw
 * body; `refresh` carries its own token in the body.
 */
export type Access =
  | 'public'
  | 'signed'
  | 'refresh'
  | 'optional'
  | 'user'
  | 'verified'
  | 'confirm'
  | 'owner'
  | 'host'
  | 'seller'
  | `staff:${Permission}`;

/** What an account may be kept from doing for a while. */
export type RestrictedAction = 'post' | 'comment' | 'message' | 'live' | 'pay' | 'sell';

export interface Restriction {
  readonly action: RestrictedAction;
  readonly until?: Date;
  readonly caseId?: string;
}

/** The person behind a request, as loaded for this request. */
export interface Actor {
  readonly id: Id<'user'>;
  readonly role: Role;
  readonly emailVerified: boolean;
  readonly restrictions: readonly Restriction[];
  readonly permissions: readonly Permission[];
  readonly sessionId: string;
  /** The id of the access token and when it ends, for revoking it. */
  readonly tokenId: string;
  readonly tokenExpiresAt: Date;
}

export type ActorOf<Who extends Access> = Who extends 'public' | 'signed' | 'refresh'
  ? undefined
  : Who extends 'optional'
    ? Actor | undefined
    : Actor;

/** Turns a bearer token into the person it stands for. Throws the 401 problems. */
export type Authenticate = (token: string, now: Date) => Promise<Actor>;

export const needsActor = (access: Access): boolean =>
  access !== 'public' && access !== 'signed' && access !== 'refresh' && access !== 'optional';

/** Refuses an actor whom the declaration does not let in. */
export function authorize(
  access: Access,
  actor: Actor | undefined,
  restrictedBy: RestrictedAction | undefined,
  now: Date,
): void {
  if (needsActor(access) && !actor) throw new NoToken();
  if (!actor) return;
  if (access === 'seller' && actor.role === 'user') throw new SellerRequired();
  if (access.startsWith('staff:')) {
    if (actor.role !== 'admin') throw new AdminRequired();
    const permission = access.slice('staff:'.length);
    if (!actor.permissions.some((granted) => granted === permission))
      throw new PermissionRequired({ field: permission });
  }
  if (access === 'verified' && config().REQUIRE_VERIFIED_EMAIL && !actor.emailVerified)
    throw new EmailNotVerified();
  const restriction = actor.restrictions.find(
    ({ action, until }) => action === restrictedBy && (!until || until > now),
  );
  if (restriction)
    throw new AccountRestricted({
      until: restriction.until ?? null,
      ...(restriction.caseId && { caseId: restriction.caseId }),
    });
}
