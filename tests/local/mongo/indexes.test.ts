import { describe, expect, test } from 'vitest';
import { planOf } from '#local/mongo/plan.ts';
import { eventually, failureOf, useMongo } from './support.ts';

interface Post {
  _id: number;
  owner: number;
  createdAt: Date;
  state: string;
  text: string;
}

const mongoDb = useMongo();

async function posts(name: string, total: number) {
  const collection = mongoDb.db.collection<Post>(name);
  await collection.createIndexes([
    { key: { owner: 1, createdAt: -1, _id: -1 }, name: 'page' },
    { key: { state: 1 }, name: 'live', partialFilterExpression: { state: 'live' } },
    { key: { text: 'text' }, name: 'words' },
  ]);
  await collection.insertMany(
    Array.from({ length: total }, (_, n) => ({
      _id: n,
      owner: n % 10,
      createdAt: new Date(1_700_000_000_000 + n * 1000),
      state: n % 50 === 0 ? 'live' : 'draft',
      text: n % 100 === 0 ? 'a rare dance' : 'an everyday walk',
    })),
  );
  return collection;
}

describe.each([3, 3_000])('in a collection of %i documents, explain tells', (total) => {
  test('which index serves a query, its order, and when none does', async () => {
    const all = await posts(`posts_${total}`, total);
    const page = all
      .find({ owner: 3, createdAt: { $lt: new Date(1_700_002_000_000) } })
      .sort({ createdAt: -1, _id: -1 })
      .limit(20);
    const one = { indexes: ['page'], collectionScan: false };
    expect(planOf(await page.explain())).toEqual({ ...one, sorted: 'index' });
    expect(planOf(await page.explain('queryPlanner'))).toEqual({ ...one, sorted: 'index' });
    const unordered = all.find({ owner: 3 });
    expect(planOf(await unordered.explain())).toEqual({ ...one, sorted: 'none' });
    const sorted = all.find({ owner: 3 }).sort({ text: 1 });
    expect(planOf(await sorted.explain())).toEqual({ ...one, sorted: 'memory' });
    const scan = { indexes: [], collectionScan: true };
    expect(planOf(await all.find({ text: 'x' }).explain())).toEqual({ ...scan, sorted: 'none' });
    expect(planOf(await all.find().sort({ text: 1 }).explain())).toEqual({
      ...{ ...scan, sorted: 'memory' },
    });
    expect(planOf(await all.find({ state: 'live' }).explain()).indexes).toEqual(['live']);
    expect(planOf(await all.find({ _id: 1 }).explain()).indexes).toEqual(['_id_']);
    expect(planOf(await all.find().sort({ _id: -1 }).limit(5).explain())).toEqual({
      ...{ indexes: ['_id_'], collectionScan: false, sorted: 'index' },
    });
    const search = all.find({ $text: { $search: 'dance' } });
    expect(planOf(await search.explain()).indexes).toEqual(['words']);
  });
});

test('explain covers aggregations with a join, counts and writes', async () => {
  const all = await posts('explained', 200);
  const joined = await all
    .aggregate([
      { $match: { owner: 3 } },
      { $sort: { createdAt: -1, _id: -1 } },
      { $limit: 5 },
      { $lookup: { from: 'explained', localField: 'owner', foreignField: '_id', as: 'who' } },
    ])
    .explain();
  expect(planOf(joined)).toEqual({
    ...{ indexes: ['page', '_id_'], collectionScan: false, sorted: 'index' },
  });
  const explained = async (command: object) =>
    planOf(await mongoDb.db.command({ explain: command, verbosity: 'queryPlanner' }));
  const one = { indexes: ['page'], collectionScan: false };
  expect(await explained({ count: 'explained', query: { owner: 3 } })).toMatchObject(one);
  expect(
    await explained({ update: 'explained', updates: [{ q: { owner: 3 }, u: { $set: { n: 1 } } }] }),
  ).toMatchObject(one);
  expect(
    await explained({ delete: 'explained', deletes: [{ q: { owner: 3 }, limit: 1 }] }),
  ).toMatchObject(one);
  expect(
    await explained({
      ...{ findAndModify: 'explained', query: { owner: 3 }, sort: { createdAt: -1 } },
      update: { $set: { n: 1 } },
    }),
  ).toMatchObject({ ...one, sorted: 'index' });
});

test('explain counts what a query reads when it runs', async () => {
  const all = await posts('counted', 500);
  const page = all.find({ owner: 3 }).sort({ createdAt: -1, _id: -1 }).limit(20);
  const { executionStats } = await page.explain('executionStats');
  expect(executionStats).toMatchObject({ nReturned: 20, totalDocsExamined: 20 });
});

test('pages by key through a real order, without gap or repetition', async () => {
  const all = await posts('paged', 300);
  const seen: number[] = [];
  let last: Post | undefined;
  do {
    const before = last && { createdAt: { $lt: last.createdAt } };
    const page = await all
      .find({ owner: 7, ...before })
      .sort({ createdAt: -1, _id: -1 })
      .limit(7)
      .toArray();
    seen.push(...page.map(({ _id }) => _id));
    last = page.at(-1);
  } while (last !== undefined);
  expect(seen).toEqual(Array.from({ length: 30 }, (_, i) => 297 - 10 * i));
});

test('a text index finds words and ranks them', async () => {
  const songs = mongoDb.db.collection('songs');
  await songs.createIndex({ title: 'text', words: 'text' }, { weights: { title: 10 } });
  await songs.insertMany([
    { title: 'ocean', words: 'about a mountain' },
    { title: 'mountain', words: 'nothing' },
    { title: 'valley', words: 'low' },
  ]);
  const found = await songs
    .find(
      { $text: { $search: 'mountain' } },
      { projection: { title: 1, score: { $meta: 'textScore' } } },
    )
    .sort({ score: { $meta: 'textScore' } })
    .toArray();
  expect(found.map(({ title }) => title)).toEqual(['mountain', 'ocean']);
});

test('a partial unique index binds only the documents that it covers', async () => {
  const carts = mongoDb.db.collection('carts');
  await carts.createIndex(
    { user: 1 },
    { unique: true, partialFilterExpression: { state: 'open' } },
  );
  await carts.insertMany([
    { user: 1, state: 'closed' },
    { user: 1, state: 'closed' },
    { user: 1, state: 'open' },
  ]);
  expect(await failureOf(carts.insertOne({ user: 1, state: 'open' }))).toMatchObject({
    code: 11000,
  });
  expect(
    await failureOf(carts.updateOne({ state: 'closed' }, { $set: { state: 'open' } })),
  ).toMatchObject({
    ...{ code: 11000, keyValue: { user: 1 } },
  });
});

test('a TTL index removes what has expired and nothing else', async () => {
  const tokens = mongoDb.db.collection<{ _id: string; at?: Date }>('tokens');
  await tokens.createIndex({ at: 1 }, { expireAfterSeconds: 0 });
  await tokens.insertMany([
    { _id: 'old', at: new Date(Date.now() - 60_000) },
    { _id: 'young', at: new Date(Date.now() + 600_000) },
    { _id: 'timeless' },
  ]);
  await eventually('the expired one is gone', async () => !(await tokens.findOne({ _id: 'old' })));
  expect(await tokens.countDocuments()).toBe(2);
});

test('indexes are listed, hidden, dropped and refused as MongoDB does', async () => {
  const things = mongoDb.db.collection('things');
  await Promise.all([
    things.createIndex({ a: 1 }),
    things.createIndex({ b: -1 }, { sparse: true }),
    things.createIndex({ a: 1 }),
  ]);
  const names = async () => (await things.indexes()).map(({ name }) => name).sort();
  expect(await names()).toEqual(['_id_', 'a_1', 'b_-1']);
  await things.dropIndex('a_1');
  expect(await names()).toEqual(['_id_', 'b_-1']);
  expect(await failureOf(things.dropIndex('nope'))).toMatchObject({ code: 27 });
  expect(
    await failureOf(things.createIndex({ b: -1 }, { unique: true, name: 'b_-1' })),
  ).toMatchObject({
    code: 86,
  });
  await things.insertMany([{ c: 1 }, { c: 1 }]);
  expect(await failureOf(things.createIndex({ c: 1 }, { unique: true }))).toMatchObject({
    code: 11000,
  });
});

test('collections are made, listed, renamed and dropped', async () => {
  const database = mongoDb.client.db(`${mongoDb.db.databaseName}_more`);
  await database.createCollection('a');
  await database.collection('b').insertOne({});
  await database.renameCollection('b', 'c');
  const names = async () =>
    (await database.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  expect((await names()).sort()).toEqual(['a', 'c']);
  await database.dropCollection('a');
  expect(await names()).toEqual(['c']);
  await database.dropDatabase();
  expect(await names()).toEqual([]);
  const { databases } = await mongoDb.client.db().admin().listDatabases();
  expect(databases.map(({ name }) => name)).not.toContain(database.databaseName);
});
