import { createHash, createHmac } from 'node:crypto';
import mongoose from 'mongoose';
import { serve } from './serve.mjs';

const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
const connected = mongoose.connect(process.env.MONGODB_URI, pool);

// A gift as it is commonly written: one transaction that is tried again when it loses to another.
// BENCH_GIFT=minimal: debit, credit, one row. BENCH_GIFT=whole: all that ours does, and the credit.
const whole = process.env.BENCH_GIFT === 'whole';

const { ObjectId, Mixed } = mongoose.Schema.Types;
const model = (name, fields) =>
  mongoose.model(name, new mongoose.Schema(fields, { timestamps: true }));
const Wallets = model('BenchPurse', { coins: Number, diamonds: Number });
const Gifts = model('BenchGift', {
  ...{ sender: ObjectId, receiver: ObjectId, gift: String, quantity: Number },
  ...{ coins: Number, diamonds: Number },
});
const Keys = model('BenchKey', { scope: String, key: String, hash: String, response: Mixed });
const Entries = model('BenchEntry', {
  ...{ journal: String, seq: Number, account: String, currency: String },
  ...{ debit: Number, credit: Number, prevHash: String, hash: String },
});
const Lines = model('BenchLine', {
  ...{ user: ObjectId, direction: String, amount: Number, currency: String, journal: String },
});
const Events = model('BenchEvent', { topic: String, payload: Mixed, status: String });
const people = () => mongoose.connection.collection('users');
const sessions = () => mongoose.connection.collection('sessions');

const COINS = 2;
const DIAMONDS = 1;

async function inTransaction(work) {
  const session = await mongoose.startSession();
  try {
    let result;
    await session.withTransaction(async () => {
      result = await work(session);
    });
    return result;
  } finally {
    await session.endSession();
  }
}

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

/** Who an access token stands for: its signature, the account, the session. */
async function signedIn(header) {
  const [head, claims, signature] = (header ?? '').replace('Bearer ', '').split('.');
  const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${claims}`);
  if (expected.digest('base64url') !== signature) throw new Error('Invalid token');
  const { id, sid } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const byId = (text) => ({ _id: new mongoose.Types.ObjectId(text) });
  await Promise.all([people().findOne(byId(id)), sessions().findOne(byId(sid))]);
  return id;
}

function entriesOf(journal, sender, receiver) {
  let prevHash = '';
  return [
    [`coin:${sender}`, 'COIN', COINS, 0],
    ['coin_burn', 'COIN', 0, COINS],
    ['dia_issue', 'DIA', DIAMONDS, 0],
    [`dia:${receiver}`, 'DIA', 0, DIAMONDS],
  ].map(([account, currency, debit, credit], seq) => {
    const entry = { journal, seq, account, currency, debit, credit, prevHash };
    prevHash = createHash('sha256').update(JSON.stringify(entry)).digest('base64url');
    return { ...entry, hash: prevHash };
  });
}

async function everything({ receiver }, headers) {
  const sender = await signedIn(headers.authorization);
  const scope = `${sender}:gift`;
  const key = headers['idempotency-key'];
  const known = await Keys.findOne({ scope, key }).lean();
  if (known) return known.response;
  return inTransaction(async (session) => {
    await Keys.create([{ scope, key, hash: 'x' }], { session });
    const journal = `gift:${new mongoose.Types.ObjectId()}`;
    await Entries.insertMany(entriesOf(journal, sender, receiver), { session });
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
