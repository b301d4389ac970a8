/** Returns as buyers ask for them, over HTTP. */
import { randomUUID } from 'node:crypto';
import type { OrderRow } from '#domain/orders/order-state.ts';
import type { Answer } from './caller.ts';
import { anAsset } from './contents.ts';
import { type Person, signInAgain } from './people.ts';
import type { World } from './world.ts';

export const aPhoto = (owner: Person): Promise<string> => anAsset(owner, { purpose: 'evidence' });

/** One piece of the first line that the buyer does not want any more, unless said. */
export const askReturn = (
  buyer: Person,
  order: Pick<OrderRow, '_id' | 'lines'>,
  wish: Readonly<Record<string, unknown>> = {},
): Promise<Answer> =>
  buyer.post(
    `/api/orders/${order._id.toHexString()}/returns`,
    {
      ...{ type: 'return_refund', reason: 'changed_mind' },
      lines: [{ lineId: order.lines[0]?.id.toHexString(), quantity: 1 }],
      ...wish,
    },
    { key: randomUUID() },
  );

/** As `askReturn`, for tests that are about what comes after: the id. */
export async function aReturn(
  buyer: Person,
  order: OrderRow,
  wish: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { status, body } = await askReturn(buyer, order, wish);
  if (status !== 201) throw new Error(`return: ${status} ${JSON.stringify(body)}`);
  return String(body['return']?.['id']);
}

/** What somebody does about a return: `act(seller, id, 'reject', { note: 'No' })`. */
export const act = (
  person: Person,
  id: string,
  action: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Answer> =>
  person.post(`/api/returns/${id}/actions`, { action, ...more }, { key: randomUUID() });

let parcels = 0;
/** A tracking number nobody else has. */
export const aTracking = () => {
  parcels += 1;
  return { carrier: 'ups', trackingNo: `1ZBACK${String(parcels).padStart(6, '0')}` };
};

/** Time passes; who is meant to do something after that signs in again. */
export async function pass(
  world: World,
  milliseconds: number,
  ...people: readonly Person[]
): Promise<void> {
  world.advance(milliseconds);
  await signInAgain(world, ...people);
}
