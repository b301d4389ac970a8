import mongoose from 'mongoose';
import { serve } from './serve.mjs';

const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
const connected = mongoose.connect(process.env.MONGODB_URI, pool);

const { ObjectId } = mongoose.Schema.Types;
const Wallets = mongoose.model('BenchWallet', new mongoose.Schema({ balance: Number }));
const Transactions = mongoose.model(
  'BenchTransaction',
  new mongoose.Schema(
    { from: ObjectId, to: ObjectId, amount: Number, type: String },
    { timestamps: true },
  ),
);

// Debit, credit and one row in one transaction that is tried again when it loses to another.
async function transfer({ from, to, amount }) {
  const session = await mongoose.startSession();
  try {
    await session.withTransaction(async () => {
      const debited = await Wallets.updateOne(
        { _id: from, balance: { $gte: amount } },
        { $inc: { balance: -amount } },
        { session },
      );
      if (debited.matchedCount === 0) throw new Error('Insufficient balance');
      await Wallets.updateOne({ _id: to }, { $inc: { balance: amount } }, { session });
      await Transactions.create([{ from, to, amount, type: 'transfer' }], { session });
    });
  } finally {
    await session.endSession();
  }
}

serve(async (req, res) => {
  await connected;
  if (req.method === 'POST') await transfer(req.body);
  res.status(req.method === 'POST' ? 201 : 200).json({ done: true });
});
