import type { mongo } from 'mongoose';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, useMongo } from './support.ts';

interface User {
  _id: number;
  email?: string;
  shop?: { id: number };
  sku?: string;
}

const mongoDb = useMongo();
let users: mongo.Collection<User>;

beforeAll(async () => {
  users = mongoDb.db.collection<User>('users');
  await users.createIndex(
    { email: 1 },
    { unique: true, partialFilterExpression: { email: { $exists: true } } },
  );
  await users.createIndex({ 'shop.id': 1, sku: -1 }, { unique: true, sparse: true, name: 'sku' });
  await users.insertMany([
    { _id: 1, email: 'a@x', shop: { id: 7 }, sku: 's' },
    { _id: 2, email: 'b@x', shop: { id: 7 }, sku: 't' },
    { _id: 3, shop: { id: 8 }, sku: 's' },
    { _id: 4, shop: { id: 9 }, sku: 's' },
  ]);
});

const taken = (email: string) => ({
  code: 11000,
  keyPattern: { email: 1 },
  keyValue: { email },
  message: expect.stringMatching(
    /^E11000 duplicate key error collection: test_\w+\.users index: email_1 dup key: \{ email: "/,
  ),
});

/** The ways in which a document can come to have a key that is taken. */
const WAYS: Record<string, (session?: mongo.ClientSession) => Promise<unknown>> = {
  insert: (session) => users.insertOne({ _id: 9, email: 'a@x' }, within(session)),
  update: (session) => users.updateOne({ _id: 2 }, { $set: { email: 'a@x' } }, within(session)),
  'update by a pipeline': (session) =>
    users.updateOne({ _id: 2 }, [{ $set: { email: { $concat: ['a', '@x'] } } }], within(session)),
  replace: (session) => users.replaceOne({ _id: 2 }, { email: 'a@x' }, within(session)),
  upsert: (session) =>
    users.updateOne({ _id: 9 }, { $set: { email: 'a@x' } }, { ...within(session), upsert: true }),
  findOneAndUpdate: (session) =>
    users.findOneAndUpdate({ _id: 2 }, { $set: { email: 'a@x' } }, within(session)),
  'findOneAndUpdate with upsert': (session) =>
    users.findOneAndUpdate(
      { _id: 9 },
      { $set: { email: 'a@x' } },
      { ...within(session), upsert: true },
    ),
};

const within = (session?: mongo.ClientSession) => (session ? { session } : {});

describe.each(Object.keys(WAYS))('a taken key, met by %s', (way) => {
  test('is told with its pattern and value', async () => {
    const error = await failureOf(WAYS[way]?.() ?? Promise.resolve());
    expect(error).toMatchObject(taken('a@x'));
  });

  test('is told in a transaction too, which then is over', async () => {
    await mongoDb.client.withSession(async (session) => {
      session.startTransaction();
      const error = await failureOf(WAYS[way]?.(session) ?? Promise.resolve());
      expect(error).toMatchObject(taken('a@x'));
      expect(await failureOf(session.commitTransaction())).toMatchObject({ code: 251 });
    });
  });
});

test('a taken compound key names every field, by its path', async () => {
  const error = await failureOf(users.insertOne({ _id: 9, shop: { id: 7 }, sku: 's' }));
  expect(error).toMatchObject({
    code: 11000,
    keyPattern: { 'shop.id': 1, sku: -1 },
    keyValue: { 'shop.id': 7, sku: 's' },
  });
});

test('a taken _id is told as one', async () => {
  const error = await failureOf(users.insertOne({ _id: 1 }));
  expect(error).toMatchObject({
    ...{ code: 11000, keyPattern: { _id: 1 }, keyValue: { _id: 1 } },
    message: expect.stringContaining('index: _id_ dup key: { _id: 1 }'),
  });
});

test('a document outside of the partial index takes no key', async () => {
  expect(await users.countDocuments({ email: { $exists: false } })).toBe(2);
});

test('a taken key in the middle of a bulk is told by its message and place', async () => {
  const bulk = users.bulkWrite([
    { updateOne: { filter: { _id: 1 }, update: { $set: { sku: 's' } } } },
    { insertOne: { document: { _id: 9, email: 'a@x' } } },
  ]);
  const error = (await failureOf(bulk)) as mongo.MongoBulkWriteError;
  const { code, message } = taken('a@x');
  expect([error.writeErrors].flat()).toMatchObject([{ index: 1, code, errmsg: message }]);
});
