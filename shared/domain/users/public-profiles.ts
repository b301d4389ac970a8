import { type Id, toId } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import { relationOf } from './relations.ts';
import { type PublicUser, toPublicUser } from './user-views.ts';
import { findByHandle, profileOf } from './users.ts';

/** What the viewer may know of a person. Throws `NotFound` for who has left, or for either one's block. */
export async function publicProfile(
  handle: string,
  viewer: Id<'user'> | undefined,
): Promise<PublicUser> {
  const owner = handle.startsWith('@') ? (await findByHandle(handle))?._id : toId<'user'>(handle);
  if (!owner) throw new NotFound();
  const [profile, relation] = await Promise.all([profileOf(owner), relationOf(viewer, owner)]);
  if (!profile?.active || relation.blocked) throw new NotFound();
  return toPublicUser(profile, viewer && relation);
}
