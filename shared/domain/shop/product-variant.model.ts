import { type Claim, claimsField } from '#platform/claim.ts';
import {
  collection,
  date,
  mixed,
  oneOf,
  requiredRef,
  requiredText,
  requiredWhole,
  version,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** The unit that is sold and stocked. */
export interface ProductVariant {
  readonly product: Id<'product'>;
  readonly shop: Id<'shop'>;
  readonly sku: string;
  /** `{ Size: 'M' }`, one value for each option of the product. */
  readonly optionValues: Readonly<Record<string, string>>;
  readonly priceMinor: number;
  /** What it cost before, crossed out beside the price. */
  readonly compareAtMinor?: number;
  /**
   * What can be bought now. What is held for checkouts is already taken from it: the stock on hand
   * is this and the quantities of the reservations that are held.
   */
  readonly available: number;
  /** Being taken this moment; see stock.ts. */
  readonly claims: readonly Claim[];
  readonly weightGrams: number;
  readonly status: 'active' | 'archived';
  /** Since when its seller knows that little is left. */
  readonly lowSince?: Date;
  readonly version: number;
}

export const ProductVariants = collection<ProductVariant>('ProductVariant', {
  fields: {
    product: requiredRef('Product'),
    shop: requiredRef('Shop'),
    sku: requiredText,
    optionValues: { ...mixed, default: {} },
    priceMinor: { ...requiredWhole, min: 1 },
    compareAtMinor: whole,
    available: { ...requiredWhole, default: 0, min: 0 },
    claims: claimsField,
    weightGrams: { ...requiredWhole, default: 0 },
    status: oneOf(['active', 'archived'], 'active'),
    lowSince: date,
    version,
  },
  indexes: [
    [{ shop: 1, sku: 1 }, { unique: true }], // saveVariants
    [{ product: 1, status: 1, _id: 1 }], // variantsOf
    [{ 'claims.at': 1 }], // staleClaims
  ],
  personalData: 'none',
});
