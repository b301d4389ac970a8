import mongoose from 'mongoose';

const BOOKS = ['ledgerentries', 'accountcheckpoints', 'transactions', 'payments', 'outboxevents'];

/** The stored documents as somebody with their own hands in the database would find them. */
export const raw = (name: string) => mongoose.connection.collection(name);

/** Forgets every amount, and leaves people with empty wallets. */
export async function emptyBooks(): Promise<void> {
  for (const name of BOOKS) await raw(name).deleteMany({});
  const empty = { cashMinor: 0, heldMinor: 0, coins: 0, diamonds: 0, version: 0, status: 'active' };
  await raw('wallets').updateMany({}, { $set: empty });
}
