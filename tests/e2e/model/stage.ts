/** The cast in a real world, beside the oracle. */
import { randomUUID } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { expect } from 'vitest';
import { resetClock } from '#local/host/control.ts';
import { minutes } from '#platform/clock.ts';
import { type AccessClaims, signAccessToken } from '#platform/tokens.ts';
import type { Answer } from '../../support/caller.ts';
import { eventually } from '../../support/eventually.ts';
import type { Person } from '../../support/people.ts';
import { eventsSoFar, hearersOf, push, restore, type State } from '../../support/redelivery.ts';
import type { TestShop } from '../../support/sellers.ts';
import type { AProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';
import type { Name } from './cast.ts';
import { JOBS, Oracle } from './oracle.ts';

export type Who = Name | 'staff' | 'other';
export interface Cast {
  readonly world: World;
  readonly people: Readonly<Record<Who, Person>>;
  readonly shops: readonly TestShop[];
  readonly products: readonly AProduct[];
}

/** The rooms whose consumers move something; those that only show it are left out. */
const ROOMS = ['orders', 'wallet', 'sellers', 'cart'];

export const WAYS = ['forwards', 'backwards', 'twice'] as const;
/** In which order events come, and how often. */
export type Way = (typeof WAYS)[number];

/** Asks again while there is too much to do, as whoever knows that it is safe. */
export const served = (ask: () => Promise<Answer>): Promise<Answer> =>
  eventually(ask, ({ status }) => status !== 503);

/** One play, from the beginning and with a new oracle. */
export class Stage {
  readonly oracle = new Oracle();
  readonly cast: Cast;
  readonly #way: Way;
  readonly #delivered = new Set<string>();

  constructor(cast: Cast, way: Way) {
    this.cast = cast;
    this.#way = way;
  }

  readonly post = (who: Who, path: string, body: object): Promise<Answer> => {
    const key = randomUUID();
    return served(() => this.cast.people[who].post(path, body, { key }));
  };

  readonly idOf = (name: Name): string => this.cast.people[name].id;

  /** Moves the clock; nobody’s session ends by that. */
  advance(byMinutes: number): void {
    this.cast.world.advance(minutes(byMinutes));
    signInAgain(this.cast);
  }

  /** Runs the jobs one after the other, and delivers what follows from each. */
  async runJobs(): Promise<void> {
    for (const name of JOBS) {
      const run = () => this.cast.world.runJob(name);
      expect([name, await eventually(run, (status) => status === 200)]).toEqual([name, 200]);
      await this.deliver();
    }
  }

  /** Delivers all that has happened, and all that follows from it. What is refused comes again. */
  async deliver(): Promise<void> {
    const { world } = this.cast;
    const moving = world.host.functions.consumers.filter(
      ({ room, name }) => ROOMS.includes(room) && !name.endsWith('Realtime'),
    );
    for (let round = 0; round < 20; round += 1) {
      const waiting = (await eventsSoFar()).filter(({ id }) => !this.#delivered.has(id));
      if (waiting.length === 0) return;
      if (this.#way === 'backwards') waiting.reverse();
      for (const envelope of waiting) {
        const heard = hearersOf(world, envelope);
        const hearers = moving.filter(({ name }) => heard.includes(name)).map(({ name }) => name);
        const often = this.#way === 'twice' ? [...hearers, ...hearers] : hearers;
        const answers = await Promise.all(often.map((name) => push(world, name, envelope)));
        if (answers.every(({ status }) => status === 200)) this.#delivered.add(envelope.id);
      }
    }
    throw new Error('events that are never accepted');
  }
}

/** Everybody’s token as of now, in the session they have. */
function signInAgain({ people, world }: Cast): void {
  for (const person of Object.values(people)) {
    const { id, role, sid, jti } = jwt.decode(person.token) as AccessClaims;
    person.token = signAccessToken({ id, role, sid, jti }, world.now());
  }
}

/** Brings the world back to how it was in the beginning. */
export async function beginAgain(cast: Cast, beginning: State, way: Way): Promise<Stage> {
  await restore(beginning);
  resetClock();
  signInAgain(cast);
  return new Stage(cast, way);
}
