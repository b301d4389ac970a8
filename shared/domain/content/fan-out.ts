import { type NotificationType, notify } from '#domain/notifications/notifications.ts';
import { followersPage } from '#domain/users/relations.ts';
import { idsOfUsernames } from '#domain/users/users.ts';
import { type Id, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { FanOutContinued } from './content-events.ts';
import { type ContentId, contentById } from './contents.ts';

export interface Published {
  readonly subjectType: 'content' | 'story';
  readonly subjectId: Id;
  readonly creatorId: Id<'user'>;
}

const TYPES: Readonly<Record<Published['subjectType'], NotificationType>> = {
  content: 'content_published',
  story: 'story_published',
};

/**
 * Asks for those followers to be told who want to hear of everything, a page at a time: what is left is an
 * event of its own, so that no run takes long. Must be called inside a transaction.
 */
export async function tellFollowers(
  { subjectType, subjectId, creatorId }: Published,
  cursor: string | undefined,
  now: Date,
): Promise<void> {
  const position = cursor === undefined ? undefined : toId(cursor);
  const { followers, next } = await followersPage(creatorId, position, 'bell');
  for (const user of followers)
    await notify(
      {
        user,
        type: TYPES[subjectType],
        actor: creatorId,
        subject: { type: subjectType, id: subjectId },
      },
      now,
    );
  if (next)
    await publish(
      FanOutContinued,
      { subjectType, subjectId, creatorId, cursor: next.toHexString() },
      { now },
    );
}

/** Asks for everybody to be told whom the caption names. Must be called inside a transaction. */
export async function tellMentioned(id: ContentId, now: Date): Promise<void> {
  const content = await contentById(id);
  if (!content) return;
  for (const user of await idsOfUsernames(content.mentions))
    await notify(
      { user, type: 'mention', actor: content.creator, subject: { type: 'content', id } },
      now,
    );
}
