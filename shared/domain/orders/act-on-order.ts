import { z } from 'zod';
import { addressOf, PostalAddressInput } from '#domain/cart/addresses.ts';
import type { PostalAddress } from '#domain/cart/quote.ts';
import { line, paragraph } from '#domain/users/words.ts';
import { type Id, idOf } from '#platform/id.ts';
import { NotFound } from '#platform/problem.ts';
import {
  cancelAsBuyer,
  cancelUnsent,
  declineCancellation,
  grantCancellation,
} from './cancel-order.ts';
import { changeAddress } from './change-address.ts';
import { confirmReceipt } from './deliver-order.ts';
import { orderOfBuyer, orderOfShop } from './order-lists.ts';
import { noteForSeller, type OrderRow, orderById } from './order-state.ts';
import { shipParcel } from './ship-order.ts';
import { Tracking } from './shipments.ts';

const reason = line(300).pipe(z.string().min(1));
const Lines = z
  .array(z.strictObject({ lineId: idOf('line'), quantity: z.int().min(1).max(10_000) }))
  .min(1)
  .max(100)
  .transform((lines) => lines.map(({ lineId, quantity }) => ({ line: lineId, quantity })));

/** What a buyer can do with their order. */
export const BuyerAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('cancel'), reason: reason.default('changed_mind') }),
  z.strictObject({ action: z.literal('confirm_receipt') }),
  z
    .strictObject({
      action: z.literal('change_address'),
      address: PostalAddressInput.optional(),
      addressId: idOf('address').optional(),
    })
    .refine(({ address, addressId }) => (address === undefined) !== (addressId === undefined), {
      message: 'either address or addressId',
    }),
]);
type BuyerAction = z.infer<typeof BuyerAction>;

/** What a seller can do with what was ordered of them. Without lines, everything that is left. */
export const SellerAction = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('ship'), ...Tracking, lines: Lines.optional() }),
  z.strictObject({
    action: z.literal('cancel'),
    reason,
    lines: Lines.optional(),
    /** Whether the goods can be sold again. */
    restock: z.boolean().default(true),
  }),
  z.strictObject({
    action: z.literal('consent'),
    grant: z.boolean(),
    note: line(300).optional(),
  }),
  z.strictObject({ action: z.literal('note'), note: paragraph(2000) }),
]);
type SellerAction = z.infer<typeof SellerAction>;

/** Does what a buyer wants with their order, in the caller's transaction. Throws `NotFound` and what the action throws. */
export async function actAsBuyer(
  buyer: Id<'user'>,
  id: Id<'order'>,
  wish: BuyerAction,
  now: Date,
): Promise<OrderRow> {
  const order = await orderOfBuyer(buyer, id);
  if (wish.action === 'cancel') await cancelAsBuyer(order, wish.reason, now);
  else if (wish.action === 'confirm_receipt') await confirmReceipt(order, now);
  else await changeAddress(order, await addressMeant(buyer, wish), now);
  return asItIsNow(id);
}

async function addressMeant(
  buyer: Id<'user'>,
  {
    address,
    addressId,
  }: { address?: PostalAddress | undefined; addressId?: Id<'address'> | undefined },
): Promise<PostalAddress> {
  if (address) return address;
  if (!addressId) throw new NotFound();
  return addressOf(buyer, addressId);
}

interface Sellers {
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly id: Id<'order'>;
}

/** Does what a seller wants with an order of their shop, as `actAsBuyer`. */
export async function actAsSeller(
  { shop, seller, id }: Sellers,
  wish: SellerAction,
  now: Date,
): Promise<OrderRow> {
  const order = await orderOfShop(shop, id);
  switch (wish.action) {
    case 'ship': {
      const { carrier, trackingNo, lines } = wish;
      await shipParcel(order, { carrier, trackingNo, pieces: lines }, seller, now);
      break;
    }
    case 'cancel': {
      const { reason: why, restock, lines } = wish;
      const cancelling = {
        reason: why,
        restock,
        pieces: lines,
        by: 'seller',
        actor: seller,
      } as const;
      await cancelUnsent(order, cancelling, now);
      break;
    }
    case 'consent':
      await (wish.grant
        ? grantCancellation(order, seller, now)
        : declineCancellation(order, { by: seller, note: wish.note }, now));
      break;
    case 'note':
      await noteForSeller(order, wish.note);
      break;
  }
  return asItIsNow(id);
}

/** With what refunds took of it. */
async function asItIsNow(id: Id<'order'>): Promise<OrderRow> {
  const order = await orderById(id);
  if (!order) throw new NotFound();
  return order;
}
