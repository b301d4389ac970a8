import mongoose, { type IndexDirection, type Model, Schema, type Types } from 'mongoose';
import { clock } from './clock.ts';
import type { Id } from './id.ts';

/** What every stored document has besides its own fields. */
export interface Stored {
  readonly _id: Types.ObjectId;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

type Direction = IndexDirection;
type IndexOptions = Readonly<{
  unique?: boolean;
  partialFilterExpression?: Readonly<Record<string, unknown>>;
  expireAfterSeconds?: number;
  name?: string;
  weights?: Readonly<Record<string, number>>;
  /** Of a text index: else a document's own `language` decides how it is read, and most are unknown to it. */
  language_override?: string;
  default_language?: string;
}>;
/** The fields of an index in order, and its options. A comment beside it names the query it serves. */
export type Index = readonly [Readonly<Record<string, Direction>>, IndexOptions?];

/** What happens to a person's rows when they ask for a copy, and when they leave. */
export type PersonalData =
  | 'none'
  | {
      /** The fields that hold the person; a row is theirs when any of them is. */
      readonly owner: readonly string[];
      /** Fields of the copy; everything but secrets when absent. */
      readonly hidden?: readonly string[];
      /** `pseudonymise` blanks the listed fields and keeps the row, for books the law wants kept. */
      readonly erase: 'delete' | 'retain' | { readonly pseudonymise: readonly string[] };
      /** Why rows are kept, when they are. */
      readonly because?: string;
    };

interface Declaration {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly indexes: readonly Index[];
  readonly personalData: PersonalData;
}

const personal = new Map<string, PersonalData>();

/** How each collection treats personal data, by the name of its model. */
export const personalDataOf = (model: string): PersonalData | undefined => personal.get(model);

/**
 * Declares one collection: strict, timestamped, without Mongoose's version key, and with indexes
 * that only a migration creates. Documents are read lean: plain data, no methods.
 */
export function collection<Doc extends object>(
  name: string,
  { fields, indexes, personalData }: Declaration,
): Model<Doc & Stored> {
  const existing = mongoose.models[name];
  if (existing) return existing as unknown as Model<Doc & Stored>;
  const schema = new Schema(
    { ...fields, schemaVersion: { type: Number, default: 1 } } as never,
    {
      timestamps: { currentTime: clock.now },
      strict: 'throw',
      versionKey: false,
      minimize: false,
      id: false,
    } as never,
  );
  for (const [keys, options] of indexes) schema.index({ ...keys }, { ...options } as never);
  personal.set(name, personalData);
  return mongoose.model(name, schema) as unknown as Model<Doc & Stored>;
}

/** Shorthands for the fields of a collection. */
export const text = { type: String } as const;
export const requiredText = { type: String, required: true } as const;
export const whole = {
  type: Number,
  validate: { validator: Number.isSafeInteger, message: 'must be a whole number' },
} as const;
export const requiredWhole = { ...whole, required: true } as const;
export const date = { type: Date } as const;
export const requiredDate = { type: Date, required: true } as const;
export const flag = { type: Boolean, default: false } as const;
export const mixed = { type: Schema.Types.Mixed } as const;
export const ref = (model: string) => ({ type: Schema.Types.ObjectId, ref: model }) as const;
export const requiredRef = (model: string) => ({ ...ref(model), required: true }) as const;
export const oneOf = (values: readonly string[], initial?: string) =>
  ({
    type: String,
    required: true,
    enum: [...values],
    ...(initial !== undefined && { default: initial }),
  }) as const;
/** A nested object without an id of its own. */
export const part = (fields: Readonly<Record<string, unknown>>) =>
  new Schema({ ...fields } as never, { _id: false, strict: 'throw' });

/** Grows with every change, so that nobody overwrites what they have not seen. */
export const version = { ...requiredWhole, default: 0 } as const;

/** One state that a thing has come to, and who brought it there. */
export interface Step<Status extends string = string> {
  readonly status: Status;
  readonly at: Date;
  readonly by?: Id<'user'>;
  readonly note?: string;
}

/** Every state that a thing has been in, as `Step`s, the oldest first. */
export const timeline = {
  type: [part({ status: requiredText, at: requiredDate, by: ref('User'), note: text })],
  default: [],
} as const;
