import {
  connected,
  Entries,
  Events,
  entriesOf,
  idOf,
  inTransaction,
  Keys,
  Lines,
  Mixed,
  model,
  ObjectId,
  signedIn,
} from './plain.mjs';
import { serve } from './serve.mjs';

// A drop as it is commonly written: one transaction takes the piece from the stock and orders it.
// BENCH_DROP=minimal: that, the debit and one row. BENCH_DROP=whole: all that ours does besides.
const whole = process.env.BENCH_DROP === 'whole';

const Stocks = model('BenchStock', { left: Number, price: Number });
const Wallets = model('BenchCash', { balance: Number });
const Orders = model('BenchOrder', {
  ...{ buyer: ObjectId, stock: ObjectId, total: Number, status: String },
  ...{ lines: Mixed, address: Mixed },
});
const Payments = model('BenchPayment', { order: ObjectId, amount: Number, status: String });
const Reservations = model('BenchReservation', {
  order: ObjectId,
  stock: ObjectId,
  status: String,
});
const Tallies = model('BenchTally', { stock: ObjectId, sold: Number });
const read = (name) => model(name, {});
const [Carts, Items] = ['Cart', 'CartItem'].map(read);
const [Variants, Products, Shops] = ['ProductVariant', 'Product', 'Shop'].map(read);

class SoldOut extends Error {}

async function takePiece(stock, session) {
  const taken = await Stocks.updateOne(
    { _id: stock, left: { $gte: 1 } },
    { $inc: { left: -1 } },
    { session },
  );
  if (taken.matchedCount === 0) throw new SoldOut();
}

async function pay(buyer, amount, session) {
  const debited = await Wallets.updateOne(
    { _id: buyer, balance: { $gte: amount } },
    { $inc: { balance: -amount } },
    { session },
  );
  if (debited.matchedCount === 0) throw new Error('Insufficient balance');
}

const minimal = ({ buyer, stock, price }) =>
  inTransaction(async (session) => {
    await takePiece(stock, session);
    await pay(buyer, price, session);
    await Orders.create([{ buyer, stock, total: price, status: 'paid' }], { session });
    return { done: true };
  });

/** What is in the cart, with what it costs today. */
async function quote(user) {
  const cart = await Carts.findOne({ user: idOf(user) }).lean();
  const items = await Items.find({ cart: cart._id }).lean();
  const variants = await Variants.find({ _id: items.map(({ variant }) => variant) }).lean();
  const products = await Products.find({ _id: variants.map(({ product }) => product) }).lean();
  await Shops.find({ _id: products.map(({ shop }) => shop) }).lean();
  return { cart, items, lines: variants.map(({ sku, priceMinor }) => ({ sku, priceMinor })) };
}

async function everything({ stock, price, address }, headers) {
  const buyer = await signedIn(headers.authorization);
  const [scope, key] = [`${buyer}:drop`, headers['idempotency-key']];
  const known = await Keys.findOne({ scope, key }).lean();
  if (known) return known.response;
  const { cart, items, lines } = await quote(buyer);
  return inTransaction(async (session) => {
    await Keys.create([{ scope, key, hash: 'x' }], { session });
    await takePiece(stock, session);
    const order = { _id: idOf(), buyer, stock, total: price, status: 'paid', lines, address };
    await Orders.create([order], { session });
    await Payments.create([{ order: order._id, amount: price, status: 'captured' }], { session });
    await Reservations.create([{ order: order._id, stock, status: 'committed' }], { session });
    await Items.deleteMany({ _id: items.map(({ _id }) => _id) }, { session });
    await Carts.updateOne({ _id: cart._id }, { $inc: { version: 1 } }, { session, strict: false });
    await Tallies.create([{ stock, sold: 1 }], { session });
    const journal = `order:${order._id}`;
    const sides = [
      [`cash:${buyer}`, 'USD', price, 0],
      [`escrow:${order._id}`, 'USD', 0, price],
      [`escrow:${order._id}`, 'USD', price, 0],
      ['shop', 'USD', 0, price],
    ];
    await Entries.insertMany(entriesOf(journal, sides), { session });
    const line = { user: buyer, direction: 'out', amount: price, currency: 'USD', journal };
    await Lines.create([line], { session });
    const events = ['order', 'payment', 'stock', 'notify'];
    await Events.insertMany(
      events.map((topic) => ({ topic, payload: { order: order._id }, status: 'pending' })),
      { session },
    );
    await Keys.updateOne({ scope, key }, { $set: { response: order } }, { session });
    await pay(buyer, price, session);
    return order;
  });
}

serve(async (req, res) => {
  await connected;
  if (req.method !== 'POST') return res.status(200).json({ ready: true });
  try {
    res.status(201).json(await (whole ? everything(req.body, req.headers) : minimal(req.body)));
  } catch (error) {
    if (!(error instanceof SoldOut)) throw error;
    res.status(409).json({ code: 'sold_out' });
  }
});
