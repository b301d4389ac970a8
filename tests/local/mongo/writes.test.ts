import mongoose, { mongo } from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { failureOf, type Lossy, lossyNetwork, useMongo } from './support.ts';

interface Item {
  _id: string;
  n?: number;
  tags?: string[];
}

const mongoDb = useMongo();
const items = (name: string) => mongoDb.db.collection<Item>(name);

describe('a retryable write whose answer is lost', () => {
  let network: Lossy;
  let client: mongo.MongoClient;
  beforeAll(async () => {
    network = await lossyNetwork(mongoDb.uri);
    client = await mongo.MongoClient.connect(network.uri);
    await items('retried').insertOne({ _id: 'here', n: 0 });
  });
  afterAll(async () => {
    await client.close();
    await network.close();
  });

  const over = () => client.db(mongoDb.db.databaseName).collection<Item>('retried');

  test('takes effect once as an update, an insert, a findAndModify and a bulk', async () => {
    network.loseReplyTo('update');
    expect(await over().updateOne({ _id: 'here' }, { $inc: { n: 1 } })).toMatchObject({
      modifiedCount: 1,
    });
    network.loseReplyTo('insert');
    await over().insertOne({ _id: 'new', n: 1 });
    network.loseReplyTo('findAndModify');
    const changed = { returnDocument: 'after' } as const;
    expect(await over().findOneAndUpdate({ _id: 'here' }, { $inc: { n: 1 } }, changed)).toEqual({
      _id: 'here',
      n: 2,
    });
    network.loseReplyTo('update');
    const result = await over().bulkWrite([
      { updateOne: { filter: { _id: 'here' }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { _id: 'new' }, update: { $inc: { n: 1 } } } },
    ]);
    expect(result.modifiedCount).toBe(2);
    expect(network.lost).toBe(4);
    expect(await items('retried').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'here', n: 3 },
      { _id: 'new', n: 2 },
    ]);
  });
});

describe('racing writers', () => {
  test('make one document by fifty upserts of the same key, and count them all', async () => {
    await items('upserts').createIndex({ tags: 1 });
    await Promise.all(
      Array.from({ length: 50 }, () =>
        items('upserts').updateOne({ _id: 'hot' }, { $inc: { n: 1 } }, { upsert: true }),
      ),
    );
    expect(await items('upserts').find().toArray()).toEqual([{ _id: 'hot', n: 50 }]);
  });

  test('make one document by upserts on a unique field, by findOneAndUpdate and in a bulk', async () => {
    const counters = mongoDb.db.collection<{ name: string; n: number }>('counters');
    await counters.createIndex({ name: 1 }, { unique: true });
    const increment = { $inc: { n: 1 } };
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        i % 2 === 0
          ? counters.findOneAndUpdate({ name: 'likes' }, increment, { upsert: true })
          : counters.bulkWrite([
              { updateOne: { filter: { name: 'likes' }, update: increment, upsert: true } },
              { updateOne: { filter: { name: 'views' }, update: increment, upsert: true } },
            ]),
      ),
    );
    const found = await counters
      .find({}, { projection: { _id: 0 } })
      .sort({ name: 1 })
      .toArray();
    expect(found).toEqual([
      { name: 'likes', n: 20 },
      { name: 'views', n: 10 },
    ]);
  });

  test('create a collection by inserting into it at once', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => items('sudden').insertOne({ _id: `${i}` })),
    );
    expect(await items('sudden').countDocuments()).toBe(20);
  });

  test('claim each of ten jobs once', async () => {
    await items('jobs').insertMany(Array.from({ length: 10 }, (_, i) => ({ _id: `${i}`, n: 0 })));
    const claims = await Promise.all(
      Array.from({ length: 25 }, () =>
        items('jobs').findOneAndUpdate({ n: 0 }, { $set: { n: 1 } }, { sort: { _id: 1 } }),
      ),
    );
    const claimed = claims.filter((job) => job !== null).map(({ _id }) => _id);
    expect(claimed.sort()).toEqual(Array.from({ length: 10 }, (_, i) => `${i}`));
  });
});

describe('a bulk write', () => {
  test('does all kinds of operations in order and reports them', async () => {
    const result = await items('bulk').bulkWrite([
      { insertOne: { document: { _id: 'a', n: 1 } } },
      { insertOne: { document: { _id: 'b', n: 1, tags: ['x', 'y'] } } },
      { updateMany: { filter: { n: 1 }, update: { $inc: { n: 1 } } } },
      { updateOne: { filter: { _id: 'c' }, update: { $set: { n: 5 } }, upsert: true } },
      {
        updateOne: {
          filter: { _id: 'b' },
          update: { $set: { 'tags.$[tag]': 'z' } },
          arrayFilters: [{ tag: 'y' }],
        },
      },
      { replaceOne: { filter: { _id: 'a' }, replacement: { n: 9 } } },
      { deleteOne: { filter: { _id: 'c' } } },
    ]);
    expect(result).toMatchObject({
      ...{ insertedCount: 2, modifiedCount: 4, upsertedCount: 1, deletedCount: 1 },
    });
    expect(await items('bulk').find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 'a', n: 9 },
      { _id: 'b', n: 2, tags: ['x', 'z'] },
    ]);
  });

  test('goes on after a failure when it is unordered, and stops when it is ordered', async () => {
    const documents: Item[] = [{ _id: 'a' }, { _id: 'a' }, { _id: 'b' }];
    const unordered = await failureOf(items('un').insertMany(documents, { ordered: false }));
    expect(unordered).toMatchObject({ code: 11000, insertedCount: 2 });
    const ordered = await failureOf(items('ord').insertMany(documents));
    expect(ordered).toMatchObject({ code: 11000, insertedCount: 1 });
  });

  test('of ten thousand documents arrives whole', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => ({ _id: `${n}`, n }));
    expect((await items('many').insertMany(many)).insertedCount).toBe(10_000);
    expect(await items('many').countDocuments()).toBe(10_000);
  });
});

test('an unacknowledged write is carried out', async () => {
  await items('w0').insertOne({ _id: 'a' }, { writeConcern: { w: 0 } });
  await expect.poll(() => items('w0').countDocuments(), { timeout: 20_000 }).toBe(1);
});

test('a command that nobody knows is refused by name, and the connection lives on', async () => {
  const refused = await failureOf(mongoDb.db.command({ makeCoffee: 1 }));
  expect(refused).toMatchObject({ code: 59, codeName: 'CommandNotFound' });
  expect(await mongoDb.db.command({ ping: 1 })).toMatchObject({ ok: 1 });
});

test('a query that makes no sense is refused as a bad value', async () => {
  const refused = await failureOf(items('none').find({ $nonsense: 1 }).toArray());
  expect(refused).toMatchObject({ code: 2, codeName: 'BadValue' });
});

describe('mongoose', () => {
  test('saves, finds, populates, versions and validates over the engine', async () => {
    const connection = await mongoose
      .createConnection(mongoDb.uri, { dbName: mongoDb.db.databaseName })
      .asPromise();
    const User = connection.model(
      'User',
      new mongoose.Schema({ name: { type: String, required: true, unique: true } }),
    );
    const Post = connection.model(
      'Post',
      new mongoose.Schema(
        {
          author: { type: mongoose.Schema.Types.ObjectId, ref: 'User' },
          tags: [String],
          price: mongoose.Schema.Types.Decimal128,
        },
        { timestamps: true, optimisticConcurrency: true },
      ),
    );
    await Promise.all([User.init(), Post.init()]);
    const author = await User.create({ name: 'ada' });
    const post = await Post.create({
      author: author._id,
      tags: ['a'],
      price: mongoose.Types.Decimal128.fromString('12.34'),
    });
    const found = await Post.findById(post.id).populate<{ author: { name: string } }>('author');
    expect(found?.author.name).toBe('ada');
    expect(found?.price?.toString()).toBe('12.34');
    const stale = await Post.findById(post.id);
    post.tags.push('b');
    await post.save();
    stale?.tags.push('c');
    await expect(stale?.save()).rejects.toThrow(mongoose.Error.VersionError);
    await expect(User.create({ name: 'ada' })).rejects.toMatchObject({
      ...{ code: 11000, keyPattern: { name: 1 }, keyValue: { name: 'ada' } },
    });
    expect(await User.diffIndexes()).toEqual({ toDrop: [], toCreate: [] });
    await connection.transaction(async (session) => {
      await User.create([{ name: 'bob' }], { session });
    });
    expect(await User.countDocuments()).toBe(2);
    await connection.close();
  });
});
