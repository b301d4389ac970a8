import { creatorsSeen } from '#domain/content/contents.ts';
import type { Id } from '#platform/id.ts';
import { NotFound, type Outcome } from '#platform/problem.ts';
import type { GiftWish } from './send-gift.ts';

interface Ask extends Pick<GiftWish, 'sender' | 'gift' | 'quantity'> {
  /** A gift for a content goes to who made it. */
  readonly to: { readonly content: Id<'content'> } | { readonly user: Id<'user'> };
}

/** What people wish who give on a content or a profile; `NotFound` for a content they do not see. */
export async function wishesFor(asks: readonly Ask[]): Promise<Outcome<GiftWish>[]> {
  const looks = asks.flatMap(({ sender, to }) =>
    'content' in to ? [{ viewer: sender, content: to.content }] : [],
  );
  const creators = await creatorsSeen(looks);
  return asks.map(({ sender, gift, quantity, to }) => {
    if ('user' in to)
      return { sender, gift, quantity, receiver: to.user, context: { type: 'user', id: to.user } };
    const receiver = creators.shift();
    if (!receiver) return new NotFound();
    return { sender, gift, quantity, receiver, context: { type: 'content', id: to.content } };
  });
}
