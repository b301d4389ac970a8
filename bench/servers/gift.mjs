import {
  connected,
  Entries,
  Events,
  entriesOf,
  idOf,
  inTransaction,
  Keys,
  Lines,
  model,
  ObjectId,
  signedIn,
} from './plain.mjs';
import { serve } from './serve.mjs';

// A gift as it is commonly written: one transaction that is tried again when it loses to another.
// BENCH_GIFT=minimal: debit, credit, one row. BENCH_GIFT=whole: all that ours does, and the credit.
const whole = process.env.BENCH_GIFT === 'whole';

const Wallets = model('BenchPurse', { coins: Number, diamonds: Number });
const Gifts = model('BenchGift', {
  ...{ sender: ObjectId, receiver: ObjectId, gift: String, quantity: Number },
  ...{ coins: Number, diamonds: Number },
});

const COINS = 2;
const DIAMONDS = 1;

async function pay(sender, receiver, session) {
  const debited = await Wallets.updateOne(
    { _id: sender, coins: { $gte: COINS } },
    { $inc: { coins: -COINS } },
    { session },
  );
  if (debited.matchedCount === 0) throw new Error('Insufficient balance');
  await Wallets.updateOne({ _id: receiver }, { $inc: { diamonds: DIAMONDS } }, { session });
}

const minimal = ({ sender, receiver }) =>
  inTransaction(async (session) => {
    await pay(sender, receiver, session);
    await Gifts.create([{ sender, receiver, gift: 'rose', coins: COINS }], { session });
    return { done: true };
  });

async function everything({ receiver }, headers) {
  const sender = await signedIn(headers.authorization);
  const scope = `${sender}:gift`;
  const key = headers['idempotency-key'];
  const known = await Keys.findOne({ scope, key }).lean();
  if (known) return known.response;
  return inTransaction(async (session) => {
    await Keys.create([{ scope, key, hash: 'x' }], { session });
    const journal = `gift:${idOf()}`;
    const sides = [
      [`coin:${sender}`, 'COIN', COINS, 0],
      ['coin_burn', 'COIN', 0, COINS],
      ['dia_issue', 'DIA', DIAMONDS, 0],
      [`dia:${receiver}`, 'DIA', 0, DIAMONDS],
    ];
    await Entries.insertMany(entriesOf(journal, sides), { session });
    const line = (user, direction, amount, currency) => ({
      ...{ user, direction, amount, currency, journal },
    });
    await Lines.insertMany(
      [line(sender, 'out', COINS, 'COIN'), line(receiver, 'in', DIAMONDS, 'DIA')],
      { session },
    );
    const gift = { sender, receiver, gift: 'rose', quantity: 1, coins: COINS, diamonds: DIAMONDS };
    await Gifts.create([gift], { session });
    await Events.create([{ topic: 'wallet', payload: gift, status: 'pending' }], { session });
    await Keys.updateOne({ scope, key }, { $set: { response: gift } }, { session });
    await pay(sender, receiver, session);
    return gift;
  });
}

serve(async (req, res) => {
  await connected;
  if (req.method !== 'POST') return res.status(200).json({ ready: true });
  res.status(201).json(await (whole ? everything(req.body, req.headers) : minimal(req.body)));
});
