import { mongo } from 'mongoose';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, useMongo } from './support.ts';

const TOTAL = 1_000;

const mongoDb = useMongo();
let numbers: mongo.Collection<{ _id: number; odd: boolean }>;

beforeAll(async () => {
  numbers = mongoDb.db.collection('numbers');
  await numbers.insertMany(Array.from({ length: TOTAL }, (_, n) => ({ _id: n, odd: n % 2 === 1 })));
});

describe('a cursor', () => {
  test('reads everything in small batches, in order', async () => {
    const seen = await numbers.find().sort({ _id: -1 }).batchSize(70).toArray();
    expect(seen.map(({ _id }) => _id)).toEqual(Array.from({ length: TOTAL }, (_, i) => 999 - i));
  });

  test('reads aggregations in batches too', async () => {
    const seen = await numbers
      .aggregate([{ $match: { odd: true } }, { $sort: { _id: 1 } }], { batchSize: 33 })
      .toArray();
    expect(seen).toHaveLength(500);
    expect(seen.at(-1)).toMatchObject({ _id: 999 });
  });

  test('is read on from another connection', async () => {
    const namespace = { getMore: new mongo.Long(0), collection: 'numbers' };
    const { cursor } = await mongoDb.db.command({
      find: 'numbers',
      batchSize: 10,
      sort: { _id: 1 },
    });
    const other = await mongo.MongoClient.connect(mongoDb.uri);
    const page = await other
      .db(mongoDb.db.databaseName)
      .command({ ...namespace, getMore: mongo.Long.fromNumber(Number(cursor.id)), batchSize: 5 });
    expect(page['cursor'].nextBatch.map(({ _id }: { _id: number }) => _id)).toEqual([
      10, 11, 12, 13, 14,
    ]);
    await other.close();
  });

  test('that was killed cannot be read on', async () => {
    const { cursor } = await mongoDb.db.command({ find: 'numbers', batchSize: 10 });
    const id = mongo.Long.fromNumber(Number(cursor.id));
    expect(await mongoDb.db.command({ killCursors: 'numbers', cursors: [id] })).toMatchObject({
      cursorsKilled: [cursor.id],
    });
    const gone = await failureOf(mongoDb.db.command({ getMore: id, collection: 'numbers' }));
    expect(gone).toMatchObject({ code: 43, codeName: 'CursorNotFound' });
  });

  test('keeps its result inside a transaction while others write', async () => {
    await mongoDb.client.withSession(async (session) => {
      session.startTransaction();
      const cursor = numbers.find({}, { session, batchSize: 100 }).sort({ _id: 1 });
      await cursor.next();
      await numbers.insertOne({ _id: 5_000, odd: false });
      expect(await cursor.toArray()).toHaveLength(TOTAL - 1);
      await session.commitTransaction();
    });
    await numbers.deleteOne({ _id: 5_000 });
  });

  test('serves forty readers side by side', async () => {
    const all = await Promise.all(
      Array.from({ length: 40 }, () => numbers.find({ odd: true }).batchSize(100).toArray()),
    );
    expect(all.every((seen) => seen.length === 500)).toBe(true);
  });
});

describe('an aggregation', () => {
  beforeAll(async () => {
    await mongoDb.db.collection('creators').insertMany([
      { _id: 1 as never, name: 'ada' },
      { _id: 2 as never, name: 'bob' },
    ]);
    await mongoDb.db.collection('videos').insertMany([
      { creator: 1, likes: 5, tags: ['a', 'b'], at: new Date('2026-01-01T10:00:00Z') },
      { creator: 1, likes: 7, tags: ['b'], at: new Date('2026-01-01T12:00:00Z') },
      { creator: 2, likes: 1, tags: [], at: new Date('2026-01-02T12:00:00Z') },
    ]);
  });

  test('joins by $lookup with a pipeline', async () => {
    const rows = await mongoDb.db
      .collection('creators')
      .aggregate([
        {
          $lookup: {
            from: 'videos',
            localField: '_id',
            foreignField: 'creator',
            pipeline: [{ $sort: { likes: -1 } }, { $limit: 1 }, { $project: { _id: 0, likes: 1 } }],
            as: 'best',
          },
        },
        { $sort: { _id: 1 } },
      ])
      .toArray();
    expect(rows).toEqual([
      { _id: 1, name: 'ada', best: [{ likes: 7 }] },
      { _id: 2, name: 'bob', best: [{ likes: 1 }] },
    ]);
  });

  test('answers several questions at once by $facet', async () => {
    const [row] = await mongoDb.db
      .collection('videos')
      .aggregate([
        {
          $facet: {
            byTag: [
              { $unwind: '$tags' },
              { $group: { _id: '$tags', n: { $sum: 1 } } },
              { $sort: { _id: 1 } },
            ],
            byDay: [
              {
                $group: {
                  _id: { $dateToString: { date: '$at', format: '%Y-%m-%d' } },
                  likes: { $sum: '$likes' },
                },
              },
              { $sort: { _id: 1 } },
            ],
            total: [{ $count: 'n' }],
          },
        },
      ])
      .toArray();
    expect(row).toEqual({
      byTag: [
        { _id: 'a', n: 1 },
        { _id: 'b', n: 2 },
      ],
      byDay: [
        { _id: '2026-01-01', likes: 12 },
        { _id: '2026-01-02', likes: 1 },
      ],
      total: [{ n: 3 }],
    });
  });

  test('counts, and lists distinct values', async () => {
    const videos = mongoDb.db.collection('videos');
    expect(await videos.countDocuments({ likes: { $gt: 2 } })).toBe(2);
    expect(await videos.estimatedDocumentCount()).toBe(3);
    expect((await videos.distinct('tags')).sort()).toEqual(['a', 'b']);
  });
});
