import { collection, part, ref, requiredRef, requiredWhole } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';
import type { Source } from './quote.ts';

export interface CartItem {
  readonly cart: Id<'cart'>;
  readonly user: Id<'user'>;
  readonly product: Id<'product'>;
  readonly variant: Id<'variant'>;
  readonly quantity: number;
  /** What one piece cost when the buyer last looked at the line and said yes to it. */
  readonly priceSeen: number;
  /** Whether it is part of the next checkout. */
  readonly selected: boolean;
  readonly source: Source;
}

export const CartItems = collection<CartItem>('CartItem', {
  fields: {
    cart: requiredRef('Cart'),
    user: requiredRef('User'),
    product: requiredRef('Product'),
    variant: requiredRef('ProductVariant'),
    quantity: { ...requiredWhole, min: 1 },
    priceSeen: { ...requiredWhole, min: 1 },
    selected: { type: Boolean, default: true },
    source: {
      type: part({ content: ref('Content'), live: ref('LiveStream'), affiliate: ref('User') }),
      default: {},
    },
  },
  indexes: [
    [{ cart: 1, variant: 1 }, { unique: true }], // addToCart: the same variant merges
    [{ cart: 1, createdAt: 1, _id: 1 }], // itemsIn
  ],
  personalData: { owner: ['user'], erase: 'delete' },
});
