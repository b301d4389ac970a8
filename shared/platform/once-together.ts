import { after } from './clock.ts';
import { connect, transaction } from './database.ts';
import { duplicateKey } from './duplicate.ts';
import type { Fate } from './gather.ts';
import { type IdempotencyKey, IdempotencyKeys } from './idempotency.model.ts';
import { type Answer, digest, findKey, KEEP_MS, plain, replay } from './idempotency.ts';
import { type Outcome, Problem, Unavailable } from './problem.ts';

/** One request among several that are carried out together. */
export interface Asked<Facts> {
  readonly scope: string;
  readonly key: string;
  readonly input: unknown;
  readonly facts: Facts;
}

interface Together<Facts, Body> {
  readonly asked: readonly Asked<Facts>[];
  readonly now: Date;
  /** Carries out some of them in the transaction that is open, each to an answer or a problem. */
  readonly work: (facts: readonly Facts[]) => Promise<readonly Outcome<Answer<Body>>[]>;
}

type Done<Body> = Fate<{ readonly answer: Answer<Body>; readonly replayed: boolean }>;

/**
 * The same promise for many requests in one transaction: their keys are looked up together, and
 * written with their answers as the last of the work, so that a key that somebody else has used
 * meanwhile undoes all of it. Then, and whenever the work fails as a whole, each is tried alone:
 * nobody fails because of another.
 */
export async function onceTogether<Facts, Body>(
  together: Together<Facts, Body>,
): Promise<readonly Done<Body>[]> {
  const { asked, now } = together;
  await connect();
  const earlier = await findAll(asked);
  const fates = new Map<Asked<Facts>, Done<Body>>();
  const fresh = new Map<string, Asked<Facts>>();
  for (const one of asked) {
    const known = earlier.get(nameOf(one));
    if (known) fates.set(one, await fateOf(() => replayed<Body>(known, one, now)));
    else if (!fresh.has(nameOf(one))) fresh.set(nameOf(one), one);
  }
  for (const [one, fate] of await workOn([...fresh.values()], together)) fates.set(one, fate);
  // The same key twice in one run: the second is given what the first has come to.
  const repeats = asked.filter((one) => !fates.has(one));
  if (repeats.length > 0) {
    const later = await onceTogether({ ...together, asked: repeats });
    for (const [index, one] of repeats.entries()) {
      const fate = later[index];
      if (fate) fates.set(one, fate);
    }
  }
  return asked.map((one) => fates.get(one) ?? { status: 'rejected', reason: new Unavailable() });
}

const nameOf = ({ scope, key }: { readonly scope: string; readonly key: string }): string =>
  `${scope}\n${key}`;

async function findAll(asked: readonly Asked<unknown>[]): Promise<Map<string, IdempotencyKey>> {
  const rows = await IdempotencyKeys.find({
    $or: asked.map(({ scope, key }) => ({ scope, key })),
  }).lean();
  return new Map(rows.map((row) => [nameOf(row), row]));
}

const replayed = <Body>(known: IdempotencyKey, { input }: Asked<unknown>, now: Date) => ({
  answer: replay<Body>(known, digest(input), now),
  replayed: true,
});

async function fateOf<Result>(work: () => Result | Promise<Result>): Promise<Fate<Result>> {
  const [fate] = await Promise.allSettled([Promise.try(work)]);
  return fate;
}

async function workOn<Facts, Body>(
  asked: readonly Asked<Facts>[],
  together: Together<Facts, Body>,
): Promise<[Asked<Facts>, Done<Body>][]> {
  const [one, ...others] = asked;
  if (!one) return [];
  const all = await fateOf(() => carryOut(asked, together));
  if (all.status === 'fulfilled') return all.value;
  if (others.length === 0)
    return [[one, await fateOf(() => winnerOf<Body>(one, all.reason, together))]];
  // Whoever waits for a database that does not answer would only wait again.
  if (all.reason instanceof Unavailable) return asked.map((each) => [each, all]);
  const alone: [Asked<Facts>, Done<Body>][] = [];
  for (const each of asked) alone.push(...(await workOn([each], together)));
  return alone;
}

/**
 * The answer of whoever used the key at this very moment; else the failure stays one. A refused
 * batch does not say which index refused it, so the key itself is looked for.
 */
async function winnerOf<Body>(
  one: Asked<unknown>,
  reason: unknown,
  { now }: { readonly now: Date },
) {
  const winner = duplicateKey(reason) === undefined ? null : await findKey(one.scope, one.key);
  if (winner) return replayed<Body>(winner, one, now);
  throw reason;
}

const carryOut = <Facts, Body>(
  asked: readonly Asked<Facts>[],
  { now, work }: Together<Facts, Body>,
): Promise<[Asked<Facts>, Done<Body>][]> =>
  transaction(async () => {
    const outcomes = await work(asked.map(({ facts }) => facts));
    const fates = asked.map((one, index): [Asked<Facts>, Done<Body>] => {
      const outcome = outcomes[index] ?? new Unavailable();
      return outcome instanceof Problem
        ? [one, { status: 'rejected', reason: outcome }]
        : [one, { status: 'fulfilled', value: { answer: outcome, replayed: false } }];
    });
    const rows = fates.flatMap(([{ scope, key, input }, fate]) =>
      fate.status === 'rejected'
        ? []
        : {
            ...{ scope, key, bodyHash: digest(input), status: 'done' as const },
            response: { status: fate.value.answer.status, body: plain(fate.value.answer.body) },
            ...{ lockedUntil: now, expiresAt: after(now, KEEP_MS) },
          },
    );
    if (rows.length > 0) await IdempotencyKeys.insertMany(rows);
    return fates;
  });
