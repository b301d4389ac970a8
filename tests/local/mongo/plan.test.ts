import { expect, test } from 'vitest';
import { planOf } from '#local/mongo/plan.ts';

const planner = (winningPlan: object, rejectedPlans: object[] = []) => ({
  queryPlanner: { namespace: 'shop.posts', winningPlan, rejectedPlans },
});

const ixscan = (indexName: string) => ({ stage: 'IXSCAN', indexName, keyPattern: { a: 1 } });

test('a plan of MongoDB is read in both of its forms', () => {
  const command = { find: 'posts', sort: { a: 1 } };
  const classic = { stage: 'LIMIT', inputStage: { stage: 'FETCH', inputStage: ixscan('a_1') } };
  const read = { indexes: ['a_1'], collectionScan: false, sorted: 'index' };
  expect(planOf({ ...planner(classic), command })).toEqual(read);
  const slotBased = { queryPlan: classic, slotBasedPlan: { stages: '[1] scan' } };
  expect(planOf({ ...planner(slotBased), command })).toEqual(read);
});

test('plans that were not chosen do not count', () => {
  const scan = { stage: 'COLLSCAN' };
  expect(planOf(planner({ stage: 'FETCH', inputStage: ixscan('a_1') }, [scan]))).toEqual({
    ...{ indexes: ['a_1'], collectionScan: false, sorted: 'none' },
  });
});

test('a sort stage, in the plan or behind it, is a sort in memory', () => {
  expect(planOf(planner({ stage: 'SORT', inputStage: { stage: 'COLLSCAN' } }))).toEqual({
    ...{ indexes: [], collectionScan: true, sorted: 'memory' },
  });
  const cursor = { $cursor: planner({ stage: 'FETCH', inputStage: ixscan('a_1') }) };
  const stages = [cursor, { $group: {} }, { $sort: { sortKey: { n: -1 } } }];
  expect(planOf({ stages })).toMatchObject({ indexes: ['a_1'], sorted: 'memory' });
});

test('a lookup counts with the indexes and scans that it reports', () => {
  const cursor = { $cursor: planner({ stage: 'IDHACK' }) };
  const lookup = (collectionScans: number, indexesUsed: string[]) => ({
    ...{ $lookup: { from: 'users' }, collectionScans, indexesUsed },
  });
  expect(planOf({ stages: [cursor, lookup(0, ['_id_', 'name_1'])] })).toEqual({
    ...{ indexes: ['_id_', 'name_1'], collectionScan: false, sorted: 'none' },
  });
  expect(planOf({ stages: [cursor, lookup(1, [])] }).collectionScan).toBe(true);
});
