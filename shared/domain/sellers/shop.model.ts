import {
  collection,
  oneOf,
  part,
  ref,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const SHOP_STATUSES = ['draft', 'active', 'holiday', 'suspended', 'closed'] as const;

/** A way a parcel can go. Amounts are minor units of the shop's currency. */
export interface ShippingMethod {
  /** `standard`: how a buyer chooses it. Unique within its profile. */
  readonly code: string;
  readonly name: string;
  readonly rateMinor: number;
  /** For every further item of the same parcel. */
  readonly perItemMinor: number;
  /** From this sum of items on it costs nothing. */
  readonly freeFromMinor?: number | undefined;
  readonly minDays: number;
  readonly maxDays: number;
}

/** Where a shop ships to, and how. `countries` holds ISO codes, or `*` for everywhere else. */
export interface ShippingProfile {
  readonly name: string;
  readonly countries: readonly string[];
  readonly handlingDays: number;
  readonly methods: readonly ShippingMethod[];
}

export interface Shop {
  readonly owner: Id<'user'>;
  readonly name: string;
  /** In lower case; what the shop is found by. */
  readonly handle: string;
  readonly description: string;
  readonly status: (typeof SHOP_STATUSES)[number];
  readonly currency: string;
  /** Where it ships from: an ISO country code. */
  readonly country: string;
  readonly shipping: readonly ShippingProfile[];
  readonly returnPolicy: { readonly days: number; readonly text: string };
  /** What the platform keeps of a sale, where it is not the category's. */
  readonly commissionBps?: number;
  /** Hundredths of a star on average, how many reviews, and their sum of stars; 0 without any. */
  readonly rating: { readonly average: number; readonly count: number; readonly stars: number };
  readonly metrics: { readonly orders: number; readonly cancelledBySeller: number };
  readonly logo?: Id<'media'>;
  readonly logoUrl?: string;
  readonly version: number;
}

const counter = { ...whole, required: true, default: 0 } as const;

export const Shops = collection<Shop>('Shop', {
  fields: {
    owner: requiredRef('User'),
    name: requiredText,
    handle: requiredText,
    description: { type: String, default: '' },
    status: oneOf(SHOP_STATUSES, 'draft'),
    currency: requiredText,
    country: requiredText,
    shipping: {
      type: [
        part({
          name: requiredText,
          countries: { type: [String], required: true },
          handlingDays: requiredWhole,
          methods: {
            type: [
              part({
                code: requiredText,
                name: requiredText,
                rateMinor: requiredWhole,
                perItemMinor: requiredWhole,
                freeFromMinor: whole,
                minDays: requiredWhole,
                maxDays: requiredWhole,
              }),
            ],
            default: [],
          },
        }),
      ],
      default: [],
    },
    returnPolicy: {
      type: part({ days: requiredWhole, text: { type: String, default: '' } }),
      default: { days: 14, text: '' },
    },
    commissionBps: whole,
    rating: { type: part({ average: counter, count: counter, stars: counter }), default: {} },
    metrics: { type: part({ orders: counter, cancelledBySeller: counter }), default: {} },
    logo: ref('MediaAsset'),
    logoUrl: text,
    version: counter,
  },
  indexes: [
    [{ owner: 1 }, { unique: true }], // shopOf
    [{ handle: 1 }, { unique: true }], // shopByHandle
    [{ status: 1, 'rating.average': -1, _id: -1 }], // best rated shops
  ],
  personalData: {
    owner: ['owner'],
    erase: { pseudonymise: ['name', 'description'] },
    because: 'What a shop sold is kept for ten years.',
  },
});
