import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type State, stateOfEverything } from '../support/redelivery.ts';
import { startWorld, type World } from '../support/world.ts';
import { agreeInTheEnd } from './model/agreement.ts';
import { CREATOR } from './model/cast.ts';
import { type Deed, Deeds, type Tally } from './model/deed.ts';
import { engage } from './model/engage.ts';
import { give, MONEY, transfer } from './model/money-deeds.ts';
import { ORDERS, TIME } from './model/order-deeds.ts';
import { RETURNS } from './model/return-deeds.ts';
import { checkOut, SHOPPING } from './model/shopping-deeds.ts';
import { beginAgain, type Cast, type Stage, WAYS } from './model/stage.ts';

let world: World;
let cast: Cast;
let beginning: State;
beforeAll(async () => {
  world = await startWorld({ background: false });
  cast = await engage(world);
  beginning = await stateOfEverything(true);
});
afterAll(() => world.stop());

const ALL = { ...MONEY, ...SHOPPING, ...ORDERS, ...TIME, ...RETURNS };

/** Each of these, so many times at once. */
const times = (count: number, deeds: Readonly<Record<string, Deed>>, tally: Tally) =>
  Object.entries(deeds).map(([name, { weight, wishes }]) => {
    const all = wishes.map((wish) => Array.from({ length: count }, () => wish));
    return { weight, arbitrary: all.map((same) => new Deeds(name, same, tally)) };
  });

/** Three people want the last of something, and two of them spend the same money elsewhere. */
const [ANN, BEN, CEM] = [fc.constant('ann'), fc.constant('ben'), fc.constant('cem')] as const;
const RUSH = [
  ...[checkOut(1, ANN), checkOut(1, BEN), checkOut(1, CEM)],
  ...[transfer(1, ANN, fc.constant('sal')), give(1, BEN, fc.constant(CREATOR))],
].map(({ wishes }) => wishes);

/** The same stories each time, unless a long campaign asks for more and for others. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 8);
const SEED = Number(process.env['MODEL_SEED'] ?? 2026);
/** A story takes some seconds, and much more on a machine that has much else to do. */
const PATIENCE_MS = RUNS * 200_000;
const PATIENT = { timeout: PATIENCE_MS + 60_000 };

/** Tries stories of such deeds, each from the beginning. One that fails is told as short as possible. */
async function agrees(
  deeds: readonly fc.WeightedArbitrary<fc.AsyncCommand<Stage, Stage>>[],
  numRuns: number,
): Promise<void> {
  const stories = fc.commands([fc.oneof(...deeds)], { maxCommands: 250, size: 'max' });
  await fc.assert(
    fc.asyncProperty(fc.noBias(stories), fc.constantFrom(...WAYS), async (story, way) => {
      const stage = await beginAgain(cast, beginning, way);
      await fc.asyncModelRun(() => ({ model: stage, real: stage }), story);
      await agreeInTheEnd(stage);
    }),
    { numRuns, seed: SEED, interruptAfterTimeLimit: PATIENCE_MS },
  );
}

describe('commerce', () => {
  const done: Tally = new Map();
  test('agrees with plain arithmetic whatever people do', PATIENT, async () => {
    await agrees(times(1, ALL, done), RUNS);
    expect(Object.keys(ALL).filter((name) => !done.has(name))).toEqual([]);
  });

  test('agrees with plain arithmetic whatever they do at once', PATIENT, async () => {
    const rush = fc.tuple(...RUSH).map((wishes) => new Deeds('rush', wishes, done));
    const five = times(5, { ...ORDERS, ...RETURNS }, done);
    const deeds = [{ weight: 20, arbitrary: rush }, ...five, ...times(1, ALL, done)];
    await agrees(deeds, Math.ceil(RUNS / 2));
  });
});
