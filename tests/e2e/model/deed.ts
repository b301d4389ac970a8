/** What can be done on the stage: fast-check makes up wishes, and strings them to a story. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Answer, Body } from '../../support/caller.ts';
import { agree } from './agreement.ts';
import { ok, type Verdict } from './money.ts';
import type { Stage, Who } from './stage.ts';

/** What somebody is about to do. */
export interface Plan {
  readonly act: () => Promise<Pick<Answer, 'status' | 'body'>>;
  /** What the oracle says to it, and does. */
  readonly verdict: () => Verdict;
  /** Keeps what the world calls what came of it. */
  readonly note?: ((body: Body) => void) | undefined;
  /** What goes on until it has come of it. */
  readonly again?: (() => Promise<unknown>) | undefined;
}

export const asks = (
  { post }: Stage,
  [who, path, body]: readonly [Who, string, object],
  verdict: Plan['verdict'],
  note?: Plan['note'],
): Plan => ({ act: () => post(who, path, body), verdict, note });

/** Something that nobody can refuse. */
export const happens = (
  act: () => Promise<unknown>,
  follow: () => void,
  again?: Plan['again'],
): Plan => ({
  act: async () => ({ status: (await act(), 200), body: [] as never }),
  verdict: () => (follow(), ok),
  again,
});

interface Wish {
  readonly said: string;
  /** Undefined where there is nothing to do it to. */
  readonly plan: (stage: Stage) => Plan | undefined;
}

/** Something that people may do, and how often they wish to, against the others. */
export interface Deed {
  readonly weight: number;
  readonly wishes: fc.Arbitrary<Wish>;
}

export const deed = <Said>(
  weight: number,
  wishes: fc.Arbitrary<Said>,
  plan: (stage: Stage, said: Said) => Plan | undefined,
): Deed => ({
  weight,
  wishes: wishes.map((said) => ({
    said: JSON.stringify(said),
    plan: (stage) => plan(stage, said),
  })),
});

/** One of several by a number, the newest first; `blind` takes any, whether it makes sense or not. */
export const aChoice = fc.record({ nth: fc.nat(3), blind: fc.nat(9).map((side) => side === 9) });
interface Choice {
  readonly nth: number;
  readonly blind?: boolean;
}

export function chosen<Thing>(
  all: readonly Thing[],
  { nth, blind = false }: Choice,
  makesSense: (thing: Thing) => boolean,
): Thing | undefined {
  const from = all.filter((one) => blind || makesSense(one)).reverse();
  return from[nth % from.length];
}

/** How often each deed was done. */
export type Tally = Map<string, number>;

/** Wishes that are made at the same time; mostly it is one. */
export class Deeds implements fc.AsyncCommand<Stage, Stage> {
  readonly #name: string;
  readonly #wishes: readonly Wish[];
  readonly #tally: Tally;

  constructor(name: string, wishes: readonly Wish[], tally: Tally) {
    this.#name = name;
    this.#wishes = wishes;
    this.#tally = tally;
  }

  check(stage: Stage): boolean {
    return this.#wishes.some(({ plan }) => plan(stage));
  }

  /**
   * What was done must be right one after the other, and what was refused must be refused after all
   * that: what is done at once only ever takes away.
   */
  async run(stage: Stage): Promise<void> {
    const plans = this.#wishes.flatMap(({ plan }) => plan(stage) ?? []);
    const answers = await Promise.all(plans.map(async (one) => ({ ...one, ...(await one.act()) })));
    for (const { status, body, verdict, note } of answers.filter((one) => one.status < 400)) {
      expect({ status }).toEqual(verdict());
      note?.(body);
      this.#tally.set(this.#name, (this.#tally.get(this.#name) ?? 0) + 1);
    }
    const several = plans.length > 1;
    for (const { status, body, verdict } of answers.filter((one) => one.status >= 400)) {
      const { code } = body;
      // Another one may have held the last pieces, and not have bought them in the end.
      if (several && String(code) === 'sold_out') continue;
      const must = verdict();
      // Of what is done at once, the reason may be another one by now.
      const other = several && must.status >= 400 && [402, 404, 409].includes(status);
      expect(other ? must : { status, code }).toEqual(must);
    }
    await agree(stage, plans[0]?.again);
  }

  toString(): string {
    return `${this.#name} ${this.#wishes.map(({ said }) => said).join(' and ')}`;
  }
}
