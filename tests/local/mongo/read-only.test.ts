import { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, useMongo } from './support.ts';

const at = useMongo();
let auditor: mongo.MongoClient;
let books: mongo.Collection;
beforeAll(async () => {
  auditor = await mongo.MongoClient.connect(at.uri, { appName: 'auditor', maxPoolSize: 4 });
  books = auditor.db(at.db.databaseName).collection('books');
  const own = at.db.collection<{ _id: number; n: number }>('books');
  await own.insertMany(Array.from({ length: 300 }, (_, n) => ({ _id: n, n })));
  await own.createIndex({ n: 1 });
});
afterAll(() => auditor.close());

describe('the connection of the auditor', () => {
  test('reads, page after page and in snapshots', async () => {
    const session = auditor.startSession();
    const sum = await session.withTransaction(async () => {
      const [all] = await books
        .aggregate([{ $group: { _id: null, sum: { $sum: '$n' } } }], { session })
        .toArray();
      return all?.['sum'];
    });
    await session.endSession();

    expect(await books.find().batchSize(50).sort({ n: 1 }).toArray()).toHaveLength(300);
    expect(sum).toBe((299 * 300) / 2);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['insert', () => books.insertOne({ n: 1000 })],
    ['update', () => books.updateOne({ n: 1 }, { $set: { n: -1 } })],
    ['delete', () => books.deleteMany({})],
    ['findAndModify', () => books.findOneAndUpdate({ n: 1 }, { $set: { n: -1 } })],
    ['drop', () => books.drop()],
    ['createIndex', () => books.createIndex({ other: 1 })],
    ['make a collection', () => auditor.db(at.db.databaseName).createCollection('more')],
    ['$out', () => books.aggregate([{ $match: {} }, { $out: 'copy' }]).toArray()],
    ['drop the database', () => auditor.db(at.db.databaseName).dropDatabase()],
  ])('cannot %s', async (_, write) => {
    const { code } = await failureOf(write());

    expect(code).toBe(13);
    expect(await at.db.collection('books').countDocuments({ n: { $gte: 0, $lt: 300 } })).toBe(300);
  });

  test('cannot write in a transaction either', async () => {
    const session = auditor.startSession();
    session.startTransaction();
    const { code } = await failureOf(books.insertOne({ n: 1000 }, { session }));
    await session.abortTransaction().catch(() => undefined);
    await session.endSession();

    expect(code).toBe(13);
  });

  test('leaves everybody else as they were', async () => {
    await at.db.collection('others').insertOne({ n: 1 });

    expect(await auditor.db(at.db.databaseName).collection('others').countDocuments()).toBe(1);
  });
});
