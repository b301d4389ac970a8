import { z } from 'zod';
import { comboOf } from '#domain/gifts/earnings.ts';
import type { GiftSent } from '#domain/gifts/gift-events.ts';
import type { GiftWish } from '#domain/gifts/send-gift.ts';
import { canSee, privateAmong, relationOf } from '#domain/users/relations.ts';
import { cardsOf, UserCard } from '#domain/users/users.ts';
import { inTransaction } from '#platform/database.ts';
import type { DataOf } from '#platform/event.ts';
import type { Id } from '#platform/id.ts';
import { NotFound, type Outcome } from '#platform/problem.ts';
import { LiveGifts } from './live-gift.model.ts';
import { LiveParticipants } from './live-participant.model.ts';
import type { LiveRow } from './live-state.ts';
import { LiveStreams } from './live-stream.model.ts';
import { NotLive, RemovedFromLive } from './streams.ts';

interface Ask extends Pick<GiftWish, 'sender' | 'gift' | 'quantity'> {
  readonly stream: Id<'live'>;
}

/**
 * What people wish who give in streams: to the broadcaster, while it is on air. The others get
 * `NotFound`, `NotLive` or `RemovedFromLive`. In the transaction that pays, so that nothing is paid
 * for a stream that has ended before.
 */
export async function liveWishesFor(asks: readonly Ask[]): Promise<Outcome<GiftWish>[]> {
  const ids = asks.map(({ stream }) => stream);
  const streams = await LiveStreams.find({ _id: { $in: ids } }).lean<LiveRow[]>();
  const removed = await LiveParticipants.find(
    { stream: { $in: ids }, user: { $in: asks.map(({ sender }) => sender) }, kicked: true },
    { stream: 1, user: 1 },
  ).lean();
  const closed = await privateAmong(streams.map(({ broadcaster }) => broadcaster));
  const wishes: Outcome<GiftWish>[] = [];
  for (const { stream: id, sender, gift, quantity } of asks) {
    const stream = streams.find(({ _id }) => _id.equals(id));
    const isRemoved = removed.some((one) => one.stream.equals(id) && one.user.equals(sender));
    if (!stream || !(await mayWatch(sender, stream, closed))) wishes.push(new NotFound());
    else if (isRemoved) wishes.push(new RemovedFromLive());
    else if (stream.status !== 'live') wishes.push(new NotLive({ current: stream.status }));
    else {
      const receiver = stream.broadcaster;
      wishes.push({ sender, receiver, gift, quantity, context: { type: 'live', id } });
    }
  }
  return wishes;
}

/** Who is blocked is found with the gift; here one asks only where not everybody may watch. */
async function mayWatch(
  viewer: Id<'user'>,
  { broadcaster, settings }: LiveRow,
  closed: ReadonlySet<string>,
): Promise<boolean> {
  if (!settings.followersOnly && !closed.has(broadcaster.toHexString())) return true;
  return canSee(await relationOf(viewer, broadcaster), 'followers');
}

type Gift = DataOf<typeof GiftSent>;

/** Writes down how a gift is shown, and adds it to what its sender has given; once, in the open transaction. */
export async function showGift(gift: Gift, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('showGift() must be called inside transaction()');
  const { giftId, senderId: user, contextId: stream, quantity, coins } = gift;
  const combo = await comboOf(giftId);
  await LiveGifts.create([
    { stream, giftTransaction: giftId, sender: user, gift: gift.gift, quantity, combo },
  ]);
  await LiveParticipants.updateOne(
    { stream, user },
    { $inc: { coins }, $setOnInsert: { role: 'giver', createdAt: now } },
    { upsert: true, setDefaultsOnInsert: true },
  );
}

/** How a gift is shown; null when it never was. */
export const shownGift = (id: Id<'giftTransaction'>) =>
  LiveGifts.findOne({ giftTransaction: id }, { combo: 1 }).lean().exec();

const LEADERS = 10;

export const Leaderboard = z.array(z.object({ user: UserCard, coins: z.int() }));

/** Who has given most in a stream, as ids. */
export const leadersOf = (stream: Id<'live'>) =>
  LiveParticipants.find({ stream, coins: { $gt: 0 } }, { user: 1, coins: 1 })
    .sort({ coins: -1, _id: 1 })
    .limit(LEADERS)
    .lean()
    .exec();

/** The same with names and pictures. */
export async function leaderboardOf(stream: Id<'live'>): Promise<z.infer<typeof Leaderboard>> {
  const leaders = await leadersOf(stream);
  const cards = await cardsOf(leaders.map(({ user }) => user));
  return leaders.flatMap(({ user, coins }) => {
    const card = cards.get(user.toHexString());
    return card ? [{ user: card, coins }] : [];
  });
}
