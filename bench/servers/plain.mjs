import { createHash, createHmac } from 'node:crypto';
import mongoose from 'mongoose';

/** What the baselines that move money have in common. */
const pool = { autoIndex: false, maxPoolSize: Number(process.env.MONGODB_MAX_POOL_SIZE) };
export const connected = mongoose.connect(process.env.MONGODB_URI, pool);

export const { ObjectId, Mixed } = mongoose.Schema.Types;
export const model = (name, fields) =>
  mongoose.model(name, new mongoose.Schema(fields, { timestamps: true }));
export const idOf = (text) => new mongoose.Types.ObjectId(text);

export const Keys = model('BenchKey', {
  ...{ scope: String, key: String, hash: String, response: Mixed },
});
export const Entries = model('BenchEntry', {
  ...{ journal: String, seq: Number, account: String, currency: String },
  ...{ debit: Number, credit: Number, prevHash: String, hash: String },
});
export const Lines = model('BenchLine', {
  ...{ user: ObjectId, direction: String, amount: Number, currency: String, journal: String },
});
export const Events = model('BenchEvent', { topic: String, payload: Mixed, status: String });

/** One transaction that is tried again when it loses to another, as the driver does it. */
export async function inTransaction(work) {
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

/** Who an access token stands for: its signature, the account, the session. */
export async function signedIn(header) {
  const [head, claims, signature] = (header ?? '').replace('Bearer ', '').split('.');
  const expected = createHmac('sha256', process.env.JWT_SECRET).update(`${head}.${claims}`);
  if (expected.digest('base64url') !== signature) throw new Error('Invalid token');
  const { id, sid } = JSON.parse(Buffer.from(claims, 'base64url').toString());
  const byId = (name, text) => mongoose.connection.collection(name).findOne({ _id: idOf(text) });
  await Promise.all([byId('users', id), byId('sessions', sid)]);
  return id;
}

/** The two sides of each movement, chained by their hashes. */
export function entriesOf(journal, sides) {
  let prevHash = '';
  return sides.map(([account, currency, debit, credit], seq) => {
    const entry = { journal, seq, account, currency, debit, credit, prevHash };
    prevHash = createHash('sha256').update(JSON.stringify(entry)).digest('base64url');
    return { ...entry, hash: prevHash };
  });
}
