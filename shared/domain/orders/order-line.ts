import {
  mixed,
  part,
  ref,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** One line as it was bought. Amounts are of the whole line, in minor units. */
export interface OrderLine {
  readonly id: Id<'line'>;
  readonly product: Id<'product'>;
  readonly variant: Id<'variant'>;
  readonly category: Id<'category'>;
  readonly title: string;
  readonly sku: string;
  readonly optionValues: Readonly<Record<string, string>>;
  readonly imageUrl?: string;
  /** Where the buyer saw it. */
  readonly source?: { readonly content?: Id<'content'>; readonly live?: Id<'live'> };
  readonly quantity: number;
  readonly unitMinor: number;
  readonly itemsMinor: number;
  readonly sellerDiscountMinor: number;
  readonly platformDiscountMinor: number;
  readonly taxMinor: number;
  /** What the platform keeps of it. */
  readonly feeMinor: number;
  /** Who brought the buyer and what they earn; the rate is locked at purchase. */
  readonly affiliate?: {
    readonly offer: Id<'offer'>;
    readonly creator: Id<'user'>;
    readonly rateBps: number;
    readonly amountMinor: number;
    readonly content?: Id<'content'>;
    readonly live?: Id<'live'>;
  };
  readonly shippedQuantity: number;
  readonly cancelledQuantity: number;
  /** Refunded so far, whether it was cancelled, returned or written off. */
  readonly refundedQuantity: number;
}

const amount = { ...requiredWhole, default: 0, min: 0 } as const;

/** How it is stored. */
export const orderLine = part({
  id: requiredRef('Any'),
  product: requiredRef('Product'),
  variant: requiredRef('ProductVariant'),
  category: requiredRef('Category'),
  title: requiredText,
  sku: requiredText,
  optionValues: { ...mixed, default: {} },
  imageUrl: text,
  source: { type: part({ content: ref('Content'), live: ref('LiveStream') }) },
  quantity: { ...requiredWhole, min: 1 },
  unitMinor: { ...requiredWhole, min: 1 },
  itemsMinor: amount,
  sellerDiscountMinor: amount,
  platformDiscountMinor: amount,
  taxMinor: amount,
  feeMinor: amount,
  affiliate: {
    type: part({
      offer: requiredRef('AffiliateOffer'),
      creator: requiredRef('User'),
      rateBps: requiredWhole,
      amountMinor: amount,
      content: ref('Content'),
      live: ref('LiveStream'),
    }),
  },
  shippedQuantity: amount,
  cancelledQuantity: amount,
  refundedQuantity: amount,
});
