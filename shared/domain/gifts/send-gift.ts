import { setting } from '#domain/system/settings.ts';
import { reachable } from '#domain/users/relations.ts';
import { COIN, coinsOf, DIAMOND, diamondsOf } from '#domain/wallet/accounts.ts';
import { journalOf, type Posting, postAll } from '#domain/wallet/ledger.ts';
import { LimitExceeded } from '#domain/wallet/transfer.ts';
import { inTransaction } from '#platform/database.ts';
import { type Id, newId } from '#platform/id.ts';
import { publishAll } from '#platform/outbox.ts';
import { NotFound, type Outcome, Problem, succeeded, ValidationFailed } from '#platform/problem.ts';
import { type GiftRow, giftNamed } from './catalogue.ts';
import { GiftSent } from './gift-events.ts';
import { type GiftContext, GiftTransactions } from './gift-transaction.model.ts';

export interface GiftWish {
  readonly sender: Id<'user'>;
  readonly receiver: Id<'user'>;
  /** The id or the code of a gift. */
  readonly gift: string;
  readonly quantity: number;
  /** What it is given for. */
  readonly context: GiftContext;
}

/** A gift that was given. */
export interface GiftReceipt {
  readonly id: Id<'giftTransaction'>;
  readonly gift: GiftRow;
  readonly quantity: number;
  /** What it cost. */
  readonly coins: number;
  readonly diamonds: number;
  /** The coins its sender has left. */
  readonly left: number;
}

/**
 * Gives gifts of many people, inside the transaction that is open and in as many writes as one:
 * coins of each sender are gone and diamonds are the receiver's, or the wish has a problem and
 * nothing of it is done: `NotFound` (an unknown gift, or a person who is not there for the sender),
 * `ValidationFailed`, `LimitExceeded`, `InsufficientBalance`, `AccountRestricted`. A wish that is a
 * problem already stays one. No receiver's document is touched, so all may give to one.
 */
export async function sendGifts(
  wishes: readonly Outcome<GiftWish>[],
  now: Date,
): Promise<readonly Outcome<GiftReceipt>[]> {
  if (!inTransaction()) throw new Error('sendGifts() must be called inside transaction()');
  const allowed = await withinLimits(await checked(wishes), now);
  const gifts = allowed.map((outcome) =>
    outcome instanceof Problem ? outcome : { ...outcome, posting: postingOf(outcome) },
  );
  const accepted = succeeded(gifts);
  const posted = await postAll(
    accepted.map(({ posting }) => posting),
    now,
  );
  const fates = new Map(accepted.map((gift, index) => [gift, posted[index] ?? []]));
  const given = gifts.map((gift): Outcome<Given> => {
    if (gift instanceof Problem) return gift;
    const fate = fates.get(gift) ?? [];
    if (fate instanceof Problem) return fate;
    return { ...gift, left: fate[0]?.balanceAfter ?? 0 };
  });
  await record(succeeded(given), now);
  return given.map((gift) =>
    gift instanceof Problem ? gift : { ...gift, quantity: gift.wish.quantity },
  );
}

/** A wish whose gift is known, and what it comes to. */
interface Order {
  readonly id: Id<'giftTransaction'>;
  readonly wish: GiftWish;
  readonly gift: GiftRow;
  readonly coins: number;
  readonly diamonds: number;
}
type Given = Order & { readonly posting: Posting; readonly left: number };

async function checked(wishes: readonly Outcome<GiftWish>[]): Promise<readonly Outcome<Order>[]> {
  const most = await setting('gifts.maxQuantity');
  const pairs = succeeded(wishes).map(({ sender, receiver }) => ({ from: sender, to: receiver }));
  const reach = await reachable(pairs);
  const orders: Outcome<Order>[] = [];
  for (const wish of wishes) {
    if (wish instanceof Problem) {
      orders.push(wish);
      continue;
    }
    const { sender, receiver, quantity } = wish;
    const gift = await giftNamed(wish.gift);
    if (sender.equals(receiver))
      orders.push(new ValidationFailed({ details: ['you cannot give yourself a gift'] }));
    else if (!gift || !reach(sender, receiver)) orders.push(new NotFound());
    else if (quantity > most) orders.push(new LimitExceeded({ current: { quantity: most } }));
    else
      orders.push({
        ...{ id: newId<'giftTransaction'>(), wish, gift },
        coins: gift.coinPrice * quantity,
        diamonds: gift.diamondYield * quantity,
      });
  }
  return orders;
}

/** Refuses what would bring a sender above the coins they may give in a day. */
async function withinLimits(
  orders: readonly Outcome<Order>[],
  now: Date,
): Promise<readonly Outcome<Order>[]> {
  const limitCoins = await setting('gifts.dayMaxCoins');
  const senders = succeeded(orders).map(({ wish }) => wish.sender);
  const spent = await spentSince(senders, startOfDay(now));
  return orders.map((order) => {
    if (order instanceof Problem) return order;
    const sender = order.wish.sender.toHexString();
    const usedCoins = spent.get(sender) ?? 0;
    if (usedCoins + order.coins > limitCoins)
      return new LimitExceeded({ current: { limitCoins, usedCoins } });
    spent.set(sender, usedCoins + order.coins);
    return order;
  });
}

const startOfDay = (now: Date): Date =>
  new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));

async function spentSince(senders: readonly Id<'user'>[], since: Date) {
  if (senders.length === 0) return new Map<string, number>();
  const sums = await GiftTransactions.aggregate<{ readonly _id: Id; readonly coins: number }>([
    { $match: { sender: { $in: [...senders] }, createdAt: { $gte: since } } },
    { $group: { _id: '$sender', coins: { $sum: '$coins' } } },
  ]);
  return new Map(sums.map(({ _id, coins }) => [_id.toHexString(), coins]));
}

function postingOf({ id, wish, coins, diamonds }: Order): Posting {
  const { sender, receiver } = wish;
  const pays = {
    ...{ from: coinsOf(sender), to: 'coin_burn' as const },
    ...{ amountMinor: coins, currency: COIN },
  };
  const earns = {
    ...{ from: 'dia_issue' as const, to: diamondsOf(receiver) },
    ...{ amountMinor: diamonds, currency: DIAMOND },
  };
  return {
    event: { type: 'gift', id },
    movements: diamonds > 0 ? [pays, earns] : [pays],
    line: { type: 'gift', from: sender, to: receiver },
  };
}

async function record(given: readonly Given[], now: Date): Promise<void> {
  if (given.length === 0) return;
  await GiftTransactions.insertMany(
    given.map(({ id, wish, gift, coins, diamonds, posting }) => ({
      ...{ _id: id, sender: wish.sender, receiver: wish.receiver, gift: gift.code },
      ...{ quantity: wish.quantity, coins, diamonds, context: wish.context },
      journal: journalOf(posting.event),
    })),
  );
  const happenings = given.map(({ id, wish, gift, coins, diamonds }) => ({
    actor: wish.sender,
    data: {
      ...{ giftId: id, senderId: wish.sender, receiverId: wish.receiver, gift: gift.code },
      ...{ quantity: wish.quantity, coins, diamonds },
      ...{ contextType: wish.context.type, contextId: wish.context.id },
    },
  }));
  await publishAll(GiftSent, happenings, now);
}
