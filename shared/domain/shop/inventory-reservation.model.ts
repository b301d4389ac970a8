import { collection, date, oneOf, ref, requiredRef, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** Stock kept for a checkout. The row is what makes a claim on a variant's stock last. */
export interface InventoryReservation {
  readonly checkout: Id<'checkout'>;
  /** Absent of `void`, as is the order. */
  readonly buyer?: Id<'user'>;
  readonly order?: Id<'order'>;
  readonly variant: Id<'variant'>;
  readonly quantity: number;
  /**
   * `held` until it is paid or lost; `committed` is sold; `released` is back in stock; `void`: the
   * checkout was given up between claim and order, and can no longer hold.
   */
  readonly status: 'held' | 'committed' | 'released' | 'void';
  readonly expiresAt?: Date;
}

export const InventoryReservations = collection<InventoryReservation>('InventoryReservation', {
  fields: {
    checkout: requiredRef('Checkout'),
    buyer: ref('User'),
    order: ref('Order'),
    variant: requiredRef('ProductVariant'),
    quantity: { ...requiredWhole, min: 1 },
    status: oneOf(['held', 'committed', 'released', 'void'], 'held'),
    expiresAt: date,
  },
  indexes: [
    [{ checkout: 1, variant: 1 }, { unique: true }], // one hold of a checkout on a variant
    [{ variant: 1, status: 1 }], // what is held of a variant
    [{ order: 1, status: 1 }], // the holds of an order
    [{ createdAt: 1 }, { expireAfterSeconds: 86_400, partialFilterExpression: { status: 'void' } }], // by then the transaction it kept out is long over
  ],
  personalData: {
    owner: ['buyer'],
    erase: 'retain',
    because: 'Part of the order, which is kept for ten years; the row holds ids and a quantity.',
  },
});
