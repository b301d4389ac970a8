import type { Answer } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import type { World } from '../../support/world.ts';

/** What Alice has, and Bob, whom she has blocked, asks for. Rows make what else they need. */
export interface Stage {
  readonly world: World;
  readonly bob: Person;
  readonly alice: Person;
  readonly asset: string;
  readonly content: string;
  readonly story: string;
  readonly session: string;
  readonly notification: string;
}

export interface Row {
  readonly ask: (stage: Stage) => Promise<Answer>;
  /** What a stranger is told; 404 unless there is a reason for something else. */
  readonly told?: { readonly status: number; readonly because: string };
}

/** By the name of the endpoint. */
export type Strangers = Readonly<Record<string, Row>>;

export const hidden = (ask: Row['ask']): Row => ({ ask });
