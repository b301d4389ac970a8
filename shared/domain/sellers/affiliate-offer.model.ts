import {
  collection,
  date,
  oneOf,
  part,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  version,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

/** The commission a seller offers for one product: to everybody, or to whom they invite. */
export interface AffiliateOffer {
  readonly shop: Id<'shop'>;
  readonly seller: Id<'user'>;
  readonly product: Id<'product'>;
  readonly currency: string;
  readonly kind: 'open' | 'targeted';
  readonly status: 'active' | 'ended';
  /** Hundredths of a percent that are offered now; 0 once it has ended. */
  readonly rateBps: number;
  /**
   * What was offered before and may still bind, oldest first. A promoter earns the best rate of
   * the lock's days; a rate that a later one exceeds can never be that, and is left out.
   */
  readonly earlier: readonly {
    readonly rateBps: number;
    readonly from: Date;
    readonly until: Date;
  }[];
  /** Since when the present rate is offered. */
  readonly rateSince: Date;
  readonly creators: readonly {
    readonly user: Id<'user'>;
    readonly status: 'invited' | 'joined' | 'left';
    /** The rate they joined at. */
    readonly rateBps: number;
    readonly joinedAt?: Date;
    readonly leftAt?: Date;
  }[];
  readonly startsAt?: Date;
  readonly endsAt?: Date;
  readonly version: number;
}

export const AffiliateOffers = collection<AffiliateOffer>('AffiliateOffer', {
  fields: {
    shop: requiredRef('Shop'),
    seller: requiredRef('User'),
    product: requiredRef('Product'),
    currency: requiredText,
    kind: oneOf(['open', 'targeted']),
    status: oneOf(['active', 'ended'], 'active'),
    rateBps: requiredWhole,
    earlier: {
      type: [part({ rateBps: requiredWhole, from: requiredDate, until: requiredDate })],
      default: [],
    },
    rateSince: requiredDate,
    creators: {
      type: [
        part({
          user: requiredRef('User'),
          status: oneOf(['invited', 'joined', 'left']),
          rateBps: requiredWhole,
          joinedAt: date,
          leftAt: date,
        }),
      ],
      default: [],
    },
    startsAt: date,
    endsAt: date,
    version,
  },
  indexes: [
    [{ shop: 1, product: 1, kind: 1 }, { unique: true }], // saveOffer
    [{ product: 1, _id: 1 }], // ratesFor
    [{ 'creators.user': 1, _id: -1 }], // offersOfCreator
    [{ kind: 1, status: 1, rateBps: -1, _id: -1 }], // openOffers
  ],
  personalData: {
    owner: ['seller'],
    hidden: ['creators'],
    erase: 'retain',
    because: 'What was promised to whom is kept for two years after its end.',
  },
});
