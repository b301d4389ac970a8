/** What people in the market want, and how they ask for it until they are told. */
import { randomInt, randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { type Answer, type Caller, callerOf } from '../../support/caller.ts';
import type { MortalHost } from '../../support/mortal-host.ts';
import type { Person } from '../../support/people.ts';

/** Something that somebody wants done once, and what they were told about it. */
export interface Wish {
  readonly kind: string;
  readonly by: Person;
  readonly key: string;
  readonly ask: (as: Caller, key: string) => Promise<Answer>;
  answer?: Answer;
}

export interface Actor {
  /** Asks for one thing once; true when it was done. */
  readonly next: (host: MortalHost) => Promise<boolean>;
}

export const wish = (kind: string, by: Person, ask: Wish['ask']): Wish => ({
  ...{ kind, by, ask },
  key: randomUUID(),
});

export const any = <Item>(items: readonly Item[]): Item => items[randomInt(items.length)] as Item;

export type Row = Readonly<Record<string, unknown>>;

/** Rows as they are stored, the latest first. */
export const rows = (collection: string, filter: object = {}, limit = 0): Promise<Row[]> =>
  mongoose.connection
    .collection(collection)
    .find({ ...filter })
    .sort({ _id: -1 })
    .limit(limit)
    .toArray();

/** One of the latest things that are like this, which somebody would pick from a list. */
export async function oneOf(collection: string, filter: object): Promise<Row | undefined> {
  const found = await rows(collection, filter, 10);
  return found.length > 0 ? any(found) : undefined;
}

export const sum = (numbers: readonly unknown[]): number =>
  numbers.reduce<number>((all, one) => all + Number(one), 0);

export const idOf = (row: Row): string => String(row['_id']);
export const mine = (person: Person) => new mongoose.Types.ObjectId(person.id);

export const isDone = ({ answer }: Wish): boolean => answer !== undefined && answer.status < 300;

/** The host is not there any more, or does not know yet: to be asked again. */
export const isOpen = ({ answer }: Wish): boolean =>
  answer === undefined || answer.status === 503 || codeOf(answer) === 'request_in_progress';

const codeOf = ({ body }: Answer): string => String(body['code']);

/** Asks once for a wish; a connection that is cut leaves it open. */
export async function askFor(one: Wish, url: string): Promise<void> {
  try {
    one.answer = await one.ask(
      callerOf(url, () => one.by.token),
      one.key,
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // the connection was cut
  }
}

const IDLE_MS = 200;
export const idle = (): Promise<boolean> =>
  new Promise((resolve) => setTimeout(() => resolve(false), IDLE_MS));

/** Somebody who asks again for what was cut off, unless its key is still locked by the dead. */
export function wishing(all: Wish[], invent: () => Promise<Wish | undefined>): Actor {
  let latest: Wish | undefined;
  return {
    next: async ({ url }) => {
      const again = latest?.answer === undefined ? latest : undefined;
      latest = again ?? (await invent());
      if (!latest) return idle();
      if (!again) all.push(latest);
      await askFor(latest, url);
      return isDone(latest);
    },
  };
}

/** How often each kind of wish was answered in each way. */
export function toldOf(wishes: readonly Wish[]): string {
  const counts = new Map<string, number>();
  for (const { kind, answer } of wishes) {
    const told = `${kind} ${answer && answer.status >= 300 ? codeOf(answer) : 'done'}`;
    counts.set(told, (counts.get(told) ?? 0) + 1);
  }
  return [...counts]
    .sort()
    .map(([told, count]) => `${told} ${count}`)
    .join(', ');
}
