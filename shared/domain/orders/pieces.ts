import { type Id, sameId, toId } from '#platform/id.ts';
import { problem } from '#platform/problem.ts';
import type { Order } from './order.model.ts';
import type { OrderLine } from './order-line.ts';

/** `details` name the lines. */
export class NotLeft extends problem({
  code: 'not_left',
  status: 409,
  error: 'So many pieces are not left to ship',
}) {}

/** How many of which line. */
export interface Pieces {
  readonly line: Id<'line'>;
  readonly quantity: number;
}

const left = ({ quantity, shippedQuantity, cancelledQuantity }: OrderLine): number =>
  quantity - shippedQuantity - cancelledQuantity;

/** What is neither sent nor cancelled. */
export const piecesLeft = ({ lines }: Pick<Order, 'lines'>): Pieces[] =>
  lines.flatMap((line) => (left(line) > 0 ? [{ line: line.id, quantity: left(line) }] : []));

/** Those of one line together. */
export function summed(pieces: readonly Pieces[]): Pieces[] {
  const sums = new Map<string, number>();
  for (const { line, quantity } of pieces) {
    const key = line.toHexString();
    sums.set(key, (sums.get(key) ?? 0) + quantity);
  }
  return [...sums].map(([line, quantity]) => ({ line: toId<'line'>(line), quantity }));
}

/** The lines after so many pieces were sent or cancelled. Throws `NotLeft` for more than are left. */
export function withPieces(
  { lines }: Pick<Order, 'lines'>,
  pieces: readonly Pieces[],
  field: 'shippedQuantity' | 'cancelledQuantity',
): OrderLine[] {
  const wanted = summed(pieces);
  const missing = wanted.filter(({ line: id, quantity }) => {
    const line = lines.find((one) => sameId(one.id, id));
    return !line || left(line) < quantity;
  });
  if (missing.length > 0)
    throw new NotLeft({ details: missing.map(({ line }) => line.toHexString()) });
  return lines.map((line) => {
    const taken = wanted.find((one) => sameId(one.line, line.id));
    return taken ? { ...line, [field]: line[field] + taken.quantity } : line;
  });
}
