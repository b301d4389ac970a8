import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mongo } from 'mongoose';
import { describe, expect, test } from 'vitest';
import { eventually, failureOf, lossyNetwork, useMongo } from './support.ts';

interface Account {
  _id: number;
  balance: number;
}

const mongoDb = useMongo();

async function accounts(name: string, ...balances: number[]): Promise<mongo.Collection<Account>> {
  const collection = mongoDb.db.collection<Account>(name);
  await collection.insertMany(balances.map((balance, _id) => ({ _id, balance })));
  return collection;
}

const inSession = <T>(work: (session: mongo.ClientSession) => Promise<T>): Promise<T> =>
  mongoDb.client.withSession(work);

describe('a transaction', () => {
  test('shows its writes to others only once it is committed', async () => {
    const all = await accounts('committed', 10, 0);
    await inSession(async (session) => {
      session.startTransaction();
      await all.updateOne({ _id: 0 }, { $inc: { balance: -4 } }, { session });
      await all.updateOne({ _id: 1 }, { $inc: { balance: 4 } }, { session });
      expect(await all.findOne({ _id: 0 }, { session })).toMatchObject({ balance: 6 });
      expect(await all.findOne({ _id: 0 })).toMatchObject({ balance: 10 });
      await session.commitTransaction();
    });
    expect(await all.find().sort({ _id: 1 }).toArray()).toEqual([
      { _id: 0, balance: 6 },
      { _id: 1, balance: 4 },
    ]);
  });

  test('leaves nothing behind when it is aborted', async () => {
    const all = await accounts('aborted', 10);
    await inSession(async (session) => {
      session.startTransaction();
      await all.insertOne({ _id: 7, balance: 1 }, { session });
      await all.deleteOne({ _id: 0 }, { session });
      await session.abortTransaction();
    });
    expect(await all.find().toArray()).toEqual([{ _id: 0, balance: 10 }]);
  });

  test('keeps reading what was true when it began', async () => {
    const all = await accounts('isolated', 1, 1);
    await inSession(async (session) => {
      session.startTransaction();
      expect(await all.countDocuments({}, { session })).toBe(2);
      await all.insertOne({ _id: 2, balance: 1 });
      await all.updateOne({ _id: 0 }, { $set: { balance: 99 } });
      expect(await all.countDocuments({}, { session })).toBe(2);
      expect(await all.findOne({ _id: 0 }, { session })).toMatchObject({ balance: 1 });
      await session.commitTransaction();
    });
  });

  test('meets a write conflict as a transient error, and is then over', async () => {
    const all = await accounts('conflict', 0);
    await inSession(async (session) => {
      session.startTransaction();
      await all.findOne({ _id: 0 }, { session });
      await all.updateOne({ _id: 0 }, { $inc: { balance: 1 } });
      const conflict = await failureOf(
        all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session }),
      );
      expect(conflict).toMatchObject({ code: 112, codeName: 'WriteConflict' });
      expect(conflict.hasErrorLabel('TransientTransactionError')).toBe(true);
      const afterwards = await failureOf(all.findOne({ _id: 0 }, { session }));
      expect(afterwards).toMatchObject({ code: 251, codeName: 'NoSuchTransaction' });
    });
    expect(await all.findOne({ _id: 0 })).toMatchObject({ balance: 1 });
  });

  test('does not wait for a lock that another transaction holds', async () => {
    const all = await accounts('locked', 0);
    await inSession((first) =>
      inSession(async (second) => {
        first.startTransaction();
        second.startTransaction();
        await all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session: first });
        const conflict = await failureOf(
          all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session: second }),
        );
        expect(conflict).toMatchObject({ code: 112 });
        await first.commitTransaction();
      }),
    );
  });

  test('ends with any failed statement, which then had no effect', async () => {
    const all = await accounts('failed', 5);
    await inSession(async (session) => {
      session.startTransaction();
      await all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session });
      await failureOf(all.updateOne({ _id: 0 }, { $nonsense: 1 } as never, { session }));
      expect(await failureOf(session.commitTransaction())).toMatchObject({ code: 251 });
    });
    expect(await all.findOne({ _id: 0 })).toMatchObject({ balance: 5 });
  });

  test('answers a commit whose answer was lost the same way again, and commits once', async () => {
    const all = await accounts('lost-commit', 0);
    const network = await lossyNetwork(mongoDb.uri);
    const client = await mongo.MongoClient.connect(network.uri);
    const there = client.db(mongoDb.db.databaseName).collection<Account>(all.collectionName);
    await client.withSession(async (session) => {
      session.startTransaction();
      await there.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session });
      network.loseReplyTo('commitTransaction');
      await session.commitTransaction();
    });
    expect(network.lost).toBe(1);
    expect(await all.findOne({ _id: 0 })).toMatchObject({ balance: 1 });
    await client.close();
    await network.close();
  });
});

describe('withTransaction', () => {
  test('repeats what met a conflict: fifty contending transfers lose nothing', async () => {
    const all = await accounts('transfers', 100, 100, 100);
    const transfer = (from: number, to: number) =>
      inSession((session) =>
        session.withTransaction(async () => {
          const payer = await all.findOne({ _id: from }, { session });
          const balance = (payer?.balance ?? 0) - 1;
          await all.updateOne({ _id: from }, { $set: { balance } }, { session });
          await all.updateOne({ _id: to }, { $inc: { balance: 1 } }, { session });
        }),
      );
    await Promise.all(Array.from({ length: 50 }, (_, i) => transfer(i % 3, (i + 1) % 3)));
    const after = await all.find().sort({ _id: 1 }).toArray();
    // 17 times 0 to 1, 17 times 1 to 2, 16 times 2 to 0
    expect(after.map(({ balance }) => balance)).toEqual([99, 100, 101]);
  });

  test('lets a unique index decide between two transactions that insert the same', async () => {
    const names = mongoDb.db.collection<{ name: string; by: number }>('names');
    await names.createIndex({ name: 1 }, { unique: true });
    const claim = (by: number) =>
      inSession((session) =>
        session.withTransaction(async () => {
          await names.insertOne({ name: 'mixi', by }, { session });
        }),
      ).then(
        () => 'won',
        (error: mongo.MongoError) => error.code,
      );
    const outcomes = await Promise.all([claim(1), claim(2), claim(3)]);
    expect(outcomes.filter((one) => one === 'won')).toHaveLength(1);
    expect(outcomes.filter((one) => one === 11000)).toHaveLength(2);
    expect(await names.countDocuments()).toBe(1);
  });
});

test('a client that is killed in the middle of a transaction leaves no lock behind', async () => {
  const all = await accounts('killed', 0);
  const script = `
    const { mongo } = await import('mongoose');
    const client = await mongo.MongoClient.connect(process.argv[1]);
    const all = client.db(process.argv[2]).collection('killed');
    const session = client.startSession();
    session.startTransaction();
    await all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session });
    process.stdout.write('holding');
    setInterval(() => undefined, 1000);`;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, mongoDb.uri, mongoDb.db.databaseName],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
  await eventually('the document can be changed in a transaction', () =>
    inSession(async (session) => {
      session.startTransaction();
      const free = await all.updateOne({ _id: 0 }, { $inc: { balance: 10 } }, { session }).then(
        () => true,
        () => false,
      );
      if (free) await session.commitTransaction();
      return free;
    }),
  );
  expect(await all.findOne({ _id: 0 })).toMatchObject({ balance: 10 });
});

test('fifty writers wait for a transaction to end while readers are still served', async () => {
  const all = await accounts('waited', 0, 0);
  await inSession(async (session) => {
    session.startTransaction();
    await all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }, { session });
    const waiting = Array.from({ length: 50 }, () =>
      all.updateOne({ _id: 0 }, { $inc: { balance: 1 } }),
    );
    expect(await all.findOne({ _id: 1 })).toEqual({ _id: 1, balance: 0 });
    expect(await all.findOne({ _id: 0 })).toEqual({ _id: 0, balance: 0 });
    await session.commitTransaction();
    await Promise.all(waiting);
  });
  expect(await all.findOne({ _id: 0 })).toEqual({ _id: 0, balance: 51 });
});

test('a collection that is not there yet can be written to in a transaction', async () => {
  const fresh = mongoDb.db.collection<Account>('fresh');
  await inSession((session) =>
    session.withTransaction(async () => {
      await mongoDb.db.collection('committed').findOne({}, { session });
      await fresh.insertOne({ _id: 1, balance: 1 }, { session });
      await fresh.updateOne({ _id: 2 }, { $set: { balance: 2 } }, { session, upsert: true });
    }),
  );
  expect(await fresh.countDocuments()).toBe(2);
});
