import { Types } from 'mongoose';
import { z } from 'zod';
import { INVALID_ID } from './problem.ts';

export { INVALID_ID };

declare const kind: unique symbol;

/** A Mongo ObjectId of one kind of thing; the kind exists for the compiler only. */
export type Id<Kind extends string = string> = Types.ObjectId & { readonly [kind]?: Kind };

/** An id as it arrives: 24 hexadecimal digits. */
export const idOf = <Kind extends string>(_kind: Kind) =>
  z
    .string()
    .regex(/^[0-9a-f]{24}$/i, INVALID_ID)
    .transform((text): Id<Kind> => new Types.ObjectId(text));

/** An id as it is shown. */
export const IdText = z.string().regex(/^[0-9a-f]{24}$/);

export const newId = <Kind extends string>(): Id<Kind> => new Types.ObjectId();

/** The id that text stands for. Throws on anything that is not 24 hexadecimal digits. */
export const toId = <Kind extends string>(text: string): Id<Kind> => new Types.ObjectId(text);

export const sameId = (one: Id, other: Id | undefined | null): boolean =>
  other != null && one.equals(other);
