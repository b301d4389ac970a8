import { z } from 'zod';
import type { Role } from '#platform/access.ts';
import type { Stored } from '#platform/collection.ts';
import { type Id, IdText } from '#platform/id.ts';
import { countAll, findPage, type Page, type PageQuery } from '#platform/page.ts';
import { USER_STATUSES, type User, type UserStatus, Users } from './user.model.ts';

/** An account as staff see it. */
export const AccountView = z.object({
  id: IdText,
  username: z.string(),
  email: z.string(),
  emailVerified: z.boolean(),
  role: z.enum(['user', 'seller', 'admin']),
  status: z.enum(USER_STATUSES),
  suspendedUntil: z.iso.datetime().nullable(),
  restrictions: z.array(
    z.object({
      action: z.string(),
      until: z.iso.datetime().nullable(),
      caseId: z.string().nullable(),
    }),
  ),
  createdAt: z.iso.datetime(),
});
export type AccountView = z.infer<typeof AccountView>;

type Account = User & Stored & { readonly _id: Id<'user'> };

export const toAccountView = (user: Account): AccountView => ({
  id: user._id.toHexString(),
  username: user.username,
  email: user.email,
  emailVerified: user.emailVerifiedAt !== undefined,
  role: user.role,
  status: user.status,
  suspendedUntil: user.suspendedUntil?.toISOString() ?? null,
  restrictions: user.restrictions.map(({ action, until, caseId }) => ({
    action,
    until: until?.toISOString() ?? null,
    caseId: caseId ?? null,
  })),
  createdAt: user.createdAt.toISOString(),
});

export const accountOf = (id: Id<'user'>): Promise<Account | null> =>
  Users.findOne({ _id: id }).lean<Account>().exec();

export interface AccountFilter {
  /** The beginning of a username, or a whole email address. */
  readonly q?: string | undefined;
  readonly role?: Role | undefined;
  readonly status?: UserStatus | undefined;
}

/** Beyond every character that a username may hold. */
const PAST_EVERY_NAME = '\uffff';

/** Accounts: by name in order of the alphabet where one is looked for, else the newest first. */
export function accounts(
  { q, role, status }: AccountFilter,
  query: PageQuery,
): Promise<Page<Account>> {
  const narrowed = { ...(role && { role }), ...(status && { status }) };
  const name = q?.toLowerCase();
  if (name?.includes('@') && !name.startsWith('@')) return accountWith(name, narrowed, query);
  if (name === undefined) {
    const sort = { field: 'createdAt', direction: -1 } as const;
    const all = !role && !status;
    return findPage<User>({
      ...{ model: Users, where: narrowed, sort, query, scope: 'accounts' },
      ...(all && { total: () => countAll(Users) }),
    });
  }
  const start = name.replace(/^@/, '');
  const usernameLower = { $gte: start, $lt: `${start}${PAST_EVERY_NAME}` };
  const sort = { field: 'usernameLower', direction: 1 } as const;
  const where = { usernameLower, ...narrowed };
  return findPage<User>({ model: Users, where, sort, query, scope: 'accounts:name' });
}

/** An address belongs to one account at most, so there is nothing to sort. */
async function accountWith(
  email: string,
  narrowed: Readonly<Record<string, unknown>>,
  { page, limit }: PageQuery,
): Promise<Page<Account>> {
  const found = await Users.findOne({ email, ...narrowed }).lean<Account>();
  const items = found && page === 1 ? [found] : [];
  return {
    items,
    pagination: { page, limit, total: found ? 1 : 0, pages: found ? 1 : 0 },
    nextCursor: null,
  };
}
