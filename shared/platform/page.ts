import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Model } from 'mongoose';
import { Types } from 'mongoose';
import { z } from 'zod';
import type { Stored } from './collection.ts';
import { config } from './config.ts';
import { InvalidCursor, ValidationFailed } from './problem.ts';

/** How deep a list can be paged by number; a cursor has no such end. */
export const MAX_OFFSET = 10_000;

/** The query of every list: a page by number, or the cursor of the page before. */
export const PageQuery = z.object({
  page: z.coerce.number().int().min(1).max(MAX_OFFSET).default(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(300).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

export const Pagination = z.object({
  page: z.int(),
  limit: z.int(),
  /** Left out when a cursor was used. Counted up to 10,000. */
  total: z.int().optional(),
  pages: z.int().optional(),
});

/** The answer of a list: `pageOf('contents', ContentCard)`. */
export const pageOf = <Name extends string, Item extends z.ZodType>(name: Name, item: Item) =>
  z.object({
    [name]: z.array(item),
    pagination: Pagination,
    nextCursor: z.string().nullable(),
  } as unknown as Record<Name, z.ZodArray<Item>> & {
    pagination: typeof Pagination;
    nextCursor: z.ZodNullable<z.ZodString>;
  });

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly pagination: z.infer<typeof Pagination>;
  readonly nextCursor: string | null;
}

/** A page under the name its list has on the wire. */
export const named = <Name extends string, Item, Shown>(
  name: Name,
  { items, pagination, nextCursor }: Page<Item>,
  show: (item: Item) => Shown,
) =>
  ({ [name]: items.map(show), pagination, nextCursor }) as Record<Name, Shown[]> &
    Pick<Page<Item>, 'pagination' | 'nextCursor'>;

type SortValue = Date | number | string | Types.ObjectId;
/** Where a page ended: the value it was sorted by, and the id that breaks ties. */
export interface Position {
  readonly value: SortValue;
  readonly id: Types.ObjectId;
}

export interface Sort {
  /** The field a list is sorted by; `_id` alone for lists in order of creation. */
  readonly field: string;
  readonly direction: 1 | -1;
}

const seal = (scope: string, body: string): string =>
  createHmac('sha256', config().CURSOR_SECRET).update(`${scope}\n${body}`).digest('base64url');

/** A cursor that only this list accepts. */
export function encodeCursor(scope: string, { value, id }: Position): string {
  const typed =
    value instanceof Date
      ? ['d', value.getTime()]
      : value instanceof Types.ObjectId
        ? ['o', value.toHexString()]
        : [typeof value === 'number' ? 'n' : 's', value];
  const body = Buffer.from(JSON.stringify([...typed, id.toHexString()])).toString('base64url');
  return `${body}.${seal(scope, body).slice(0, 16)}`;
}

const CursorBody = z.union([
  z.tuple([z.literal('d'), z.int(), z.string()]),
  z.tuple([z.literal('n'), z.number(), z.string()]),
  z.tuple([z.literal('s'), z.string(), z.string()]),
  z.tuple([z.literal('o'), z.string(), z.string()]),
]);

/** Where the cursor points. Throws `InvalidCursor` unless we made it for this list. */
export function decodeCursor(scope: string, cursor: string): Position {
  const [body = '', signature = ''] = cursor.split('.');
  const expected = Buffer.from(seal(scope, body).slice(0, 16));
  const given = Buffer.from(signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new InvalidCursor({ field: 'cursor' });
  const [type, value, id] = CursorBody.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
  const typed =
    type === 'd' ? new Date(value) : type === 'o' ? new Types.ObjectId(String(value)) : value;
  return { value: typed, id: new Types.ObjectId(id) };
}

export type Filter = Readonly<Record<string, unknown>>;

/**
 * The filter for what follows a position. The plain bound on the sort field is what lets the
 * index start there; the alternative only drops ties that were already shown.
 */
export function following({ field, direction }: Sort, { value, id }: Position): Filter {
  const [beyond, from] = direction === -1 ? ['$lt', '$lte'] : ['$gt', '$gte'];
  if (field === '_id') return { _id: { [beyond as string]: id } };
  return {
    [field]: { [from as string]: value },
    $or: [{ [field]: { [beyond as string]: value } }, { _id: { [beyond as string]: id } }],
  };
}

export const sortKeys = ({ field, direction }: Sort): Record<string, 1 | -1> =>
  field === '_id' ? { _id: direction } : { [field]: direction, _id: direction };

/** How many rows to pass over for a page by number. Throws when that is deeper than allowed. */
export function offsetOf({ page, limit }: PageQuery): number {
  if (page * limit > MAX_OFFSET)
    throw new ValidationFailed({
      field: 'page',
      details: [`page: page × limit is at most ${MAX_OFFSET}; use nextCursor to go deeper`],
    });
  return (page - 1) * limit;
}

/** How much a whole collection holds, from what the database knows without reading it. */
export const countAll = async <Doc>(model: Model<Doc & Stored>): Promise<number> =>
  Math.min(await model.estimatedDocumentCount(), MAX_OFFSET);

interface Wanted<Doc> {
  readonly model: Model<Doc & Stored>;
  readonly where: Filter;
  readonly sort: Sort;
  readonly query: PageQuery;
  /** Names the list in its cursors: a cursor of one list, or of one person's list, fits no other. */
  readonly scope: string;
  /** Counts the list when the default, an exact count up to 10,000, is too dear. */
  readonly total?: () => Promise<number>;
  /** Reads the rows when plain documents do not suffice. One row more than the limit is asked for. */
  readonly read?: (match: Filter, skip: number, limit: number) => Promise<(Doc & Stored)[]>;
}

/** One page of a list, by keyset where a cursor is given and by offset else. */
export async function findPage<Doc>(wanted: Wanted<Doc>): Promise<Page<Doc & Stored>> {
  const { model, where, sort, query, scope } = wanted;
  const { page, limit, cursor } = query;
  const position = cursor === undefined ? undefined : decodeCursor(scope, cursor);
  const skip = position ? 0 : offsetOf(query);
  const match = position ? { $and: [where, following(sort, position)] } : where;
  const read =
    wanted.read ??
    ((filter: Filter, offset: number, count: number) =>
      model
        .find(filter as never)
        .sort(sortKeys(sort))
        .skip(offset)
        .limit(count)
        .lean() as unknown as Promise<(Doc & Stored)[]>);
  const rows = await read(match, skip, limit + 1);
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  const nextCursor = last
    ? encodeCursor(scope, { value: valueAt(last, sort.field), id: last._id })
    : null;
  if (position) return { items, pagination: { page, limit }, nextCursor };
  const count = wanted.total ?? (() => model.countDocuments(where as never).limit(MAX_OFFSET));
  const total = rows.length <= limit && skip === 0 ? rows.length : await count();
  return {
    items,
    pagination: { page, limit, total, pages: Math.ceil(total / limit) },
    nextCursor,
  };
}

function valueAt(row: object, field: string): SortValue {
  let value: unknown = row;
  for (const step of field.split('.')) value = (value as Record<string, unknown>)[step];
  return value as SortValue;
}
