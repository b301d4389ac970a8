import type { Model } from 'mongoose';
import { inTransaction } from './database.ts';
import type { Id } from './id.ts';

/** Where things of one kind may go from each of their states. Anything else is refused. */
export type Moves<Status extends string> = Readonly<Record<Status, readonly Status[]>>;

/** One step of a thing from one state into another. */
export interface Step<Status extends string> {
  readonly to: Status;
  /** Refuses states that would be allowed in general. */
  readonly from?: readonly Status[] | undefined;
  /** What else must be true of it: its version, for what was decided from its contents. */
  readonly where?: Readonly<Record<string, unknown>>;
  /** What is learned with the step. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** What holds no longer. */
  readonly unset?: readonly string[];
  /** Who did it, where a person did, and what they said. */
  readonly by?: Id<'user'> | undefined;
  readonly note?: string | undefined;
}

interface Moving {
  readonly status: string;
  readonly version: number;
  readonly timeline: readonly object[];
}

const STEPS_KEPT = 100;

/**
 * Takes a step by one guarded write, which the timeline remembers, in the open transaction; null
 * when the thing cannot go there from where it is, which is what all but the first of several
 * simultaneous callers are told.
 */
export async function guardedMove<Doc extends Moving, Kind extends string>(
  model: Model<Doc>,
  moves: Moves<Doc['status']>,
  id: Id<Kind>,
  step: Step<Doc['status']>,
  now: Date,
): Promise<(Doc & { readonly _id: Id<Kind> }) | null> {
  if (!inTransaction()) throw new Error('A state is changed inside transaction()');
  const { to, from, where = {}, set = {}, unset = [], by, note } = step;
  const allowed = comingFrom(moves, to).filter((status) => from?.includes(status) ?? true);
  const remembered = { status: to, at: now, ...(by && { by }), ...(note && { note }) };
  return model
    .findOneAndUpdate(
      { ...where, _id: id, status: { $in: allowed } } as never,
      {
        $set: { ...set, status: to },
        $unset: Object.fromEntries(unset.map((field) => [field, 1])),
        $inc: { version: 1 },
        $push: { timeline: { $each: [remembered], $slice: -STEPS_KEPT } },
      } as never,
      { returnDocument: 'after' },
    )
    .lean<Doc & { readonly _id: Id<Kind> }>()
    .exec();
}

function comingFrom<Status extends string>(moves: Moves<Status>, to: Status): Status[] {
  return (Object.keys(moves) as Status[]).filter((from) => moves[from].includes(to));
}
