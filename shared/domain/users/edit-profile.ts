import { after } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { DuplicateEntry, problem, UserNotFound } from '#platform/problem.ts';
import { USERNAME_COOL_DOWN_MS } from './accounts.ts';
import { Profiles } from './profile.model.ts';
import { type User, Users } from './user.model.ts';
import { ProfileUpdated } from './user-events.ts';

export class UsernameTooSoon extends problem({
  code: 'username_too_soon',
  status: 409,
  error: 'The username was changed a short while ago',
}) {}

export interface ProfileEdit {
  readonly username?: string | undefined;
  readonly displayName?: string | undefined;
  readonly bio?: string | undefined;
  readonly links?: readonly string[] | undefined;
  readonly isPrivate?: boolean | undefined;
  /** Null takes the picture away. */
  readonly avatar?: { readonly asset: Id<'media'>; readonly url: string } | null | undefined;
}

/** Changes what was given and leaves the rest. */
export const editProfile = (user: Id<'user'>, edit: ProfileEdit, now: Date): Promise<void> =>
  transaction(async () => {
    const fields = Object.entries(edit).flatMap(([name, value]) =>
      value === undefined ? [] : [name],
    );
    if (fields.length === 0) return;
    if (edit.username !== undefined) await rename(user, edit.username, now);
    const { matchedCount } = await Profiles.updateOne({ user }, changesOf(edit));
    if (matchedCount === 0) throw new UserNotFound();
    await publish(ProfileUpdated, { userId: user, fields }, { now, actor: user });
  });

function changesOf({ username, displayName, bio, links, isPrivate, avatar }: ProfileEdit) {
  return {
    $set: {
      ...(username !== undefined && { username }),
      ...(displayName !== undefined && {
        displayName,
        displayNameLower: displayName.toLowerCase(),
      }),
      ...(bio !== undefined && { bio }),
      ...(links !== undefined && { links: [...links] }),
      ...(isPrivate !== undefined && { isPrivate }),
      ...(avatar && { avatar: avatar.url, avatarAsset: avatar.asset }),
      ...(avatar === null && { avatar: null }),
    },
    ...(avatar === null && { $unset: { avatarAsset: 1 as const } }),
  };
}

/** A username may change once in 30 days; only its capitals may at any time. */
async function rename(user: Id<'user'>, username: string, now: Date): Promise<void> {
  const usernameLower = username.toLowerCase();
  const account = await Users.findById(user, { usernameLower: 1, usernameChangedAt: 1 }).lean<
    Pick<User, 'usernameLower' | 'usernameChangedAt'>
  >();
  if (!account) throw new UserNotFound();
  if (account.usernameLower === usernameLower) {
    await Users.updateOne({ _id: user }, { $set: { username } });
    return;
  }
  const free = account.usernameChangedAt && after(account.usernameChangedAt, USERNAME_COOL_DOWN_MS);
  if (free && free > now)
    throw new UsernameTooSoon({ field: 'username', current: { changeableAt: free.toISOString() } });
  if (await Users.exists({ usernameLower })) throw new DuplicateEntry({ field: 'username' });
  await Users.updateOne(
    { _id: user },
    { $set: { username, usernameLower, usernameChangedAt: now } },
  );
}
