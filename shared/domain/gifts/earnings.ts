import { minutes, seconds } from '#platform/clock.ts';
import type { Id } from '#platform/id.ts';
import { GiftTransactions } from './gift-transaction.model.ts';

export interface Earned {
  readonly gifts: number;
  readonly coins: number;
  readonly diamonds: number;
}

/** What was given for one thing in all. */
export async function earnedIn(context: Id): Promise<Earned> {
  const [sum] = await GiftTransactions.aggregate<Earned>([
    { $match: { 'context.id': context } },
    {
      $group: {
        _id: null,
        gifts: { $sum: '$quantity' },
        coins: { $sum: '$coins' },
        diamonds: { $sum: '$diamonds' },
      },
    },
  ]);
  return { gifts: sum?.gifts ?? 0, coins: sum?.coins ?? 0, diamonds: sum?.diamonds ?? 0 };
}

/** Gifts of one kind that follow each other so closely belong to one combo. */
const PAUSE_MS = seconds(10);
const LONGEST_MS = minutes(10);
const MOST_LOOKED_AT = 200;

/**
 * How many of its kind the sender has given in a row for the same thing, up to this gift. It is
 * counted from what was paid for, so it is the same in whatever order one asks.
 */
export async function comboOf(id: Id<'giftTransaction'>): Promise<number> {
  const gift = await GiftTransactions.findOne({ _id: id }).lean();
  if (!gift) return 0;
  const since = new Date(gift.createdAt.getTime() - LONGEST_MS);
  const row = await GiftTransactions.find({
    'context.id': gift.context.id,
    sender: gift.sender,
    createdAt: { $gte: since, $lte: gift.createdAt },
  })
    .sort({ createdAt: -1, _id: -1 })
    .limit(MOST_LOOKED_AT)
    .lean();
  const [, ...before] = row.slice(row.findIndex(({ _id }) => _id.equals(id)));
  let combo = gift.quantity;
  let last = gift.createdAt.getTime();
  for (const one of before) {
    if (one.gift !== gift.gift || last - one.createdAt.getTime() > PAUSE_MS) break;
    combo += one.quantity;
    last = one.createdAt.getTime();
  }
  return combo;
}
