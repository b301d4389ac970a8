import { collection, date, oneOf, requiredRef, requiredText, text } from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const ENDPOINT_STATUSES = ['active', 'paused', 'disabled'] as const;

/** Where a seller's own systems want to hear of what happens in their shop. */
export interface WebhookEndpoint {
  readonly shop: Id<'shop'>;
  readonly owner: Id<'user'>;
  readonly url: string;
  /** Types of events, as `order.paid`. */
  readonly events: readonly string[];
  /** Sealed; see platform/seal.ts. */
  readonly secretSealed: string;
  /** Signs as well until it ends, so that a rotation loses nothing. */
  readonly previousSecretSealed?: string;
  readonly previousUntil?: Date;
  /** `paused` by its owner, `disabled` by us after days of failure. */
  readonly status: (typeof ENDPOINT_STATUSES)[number];
  /** Since when every delivery has failed; absent after a success. */
  readonly failingSince?: Date;
  /** The request it was made by. */
  readonly operation: string;
}

export const WebhookEndpoints = collection<WebhookEndpoint>('WebhookEndpoint', {
  fields: {
    shop: requiredRef('Shop'),
    owner: requiredRef('User'),
    url: requiredText,
    events: { type: [String], required: true },
    secretSealed: requiredText,
    previousSecretSealed: text,
    previousUntil: date,
    status: oneOf(ENDPOINT_STATUSES, 'active'),
    failingSince: date,
    operation: requiredText,
  },
  indexes: [
    [{ shop: 1, _id: 1 }], // endpointsOf
    [{ shop: 1, status: 1, events: 1 }], // listeners
    [{ operation: 1 }, { unique: true }], // createEndpoint
  ],
  personalData: {
    owner: ['owner'],
    hidden: ['secretSealed', 'previousSecretSealed', 'operation'],
    erase: 'delete',
  },
});
