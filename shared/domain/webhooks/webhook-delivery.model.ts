import {
  collection,
  date,
  mixed,
  oneOf,
  requiredDate,
  requiredRef,
  requiredText,
  requiredWhole,
  text,
  whole,
} from '#platform/collection.ts';
import type { Id } from '#platform/id.ts';

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;

/** One event on its way to one endpoint, and how the last attempt went. */
export interface WebhookDelivery {
  readonly endpoint: Id<'webhook'>;
  readonly shop: Id<'shop'>;
  readonly eventId: string;
  readonly type: string;
  /** What is sent: ids and states. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly status: (typeof DELIVERY_STATUSES)[number];
  readonly attempts: number;
  /** When it is tried next; present while it is pending. */
  readonly nextAt?: Date;
  /** When the job last asked for it. */
  readonly askedAt?: Date;
  /** What the other side answered last, or why there was no answer. */
  readonly code?: number;
  readonly error?: string;
  readonly milliseconds?: number;
  readonly snippet?: string;
  readonly deliveredAt?: Date;
  readonly expiresAt: Date;
}

export const WebhookDeliveries = collection<WebhookDelivery>('WebhookDelivery', {
  fields: {
    endpoint: requiredRef('WebhookEndpoint'),
    shop: requiredRef('Shop'),
    eventId: requiredText,
    type: requiredText,
    payload: { ...mixed, required: true },
    status: oneOf(DELIVERY_STATUSES, 'pending'),
    attempts: { ...requiredWhole, default: 0 },
    nextAt: date,
    askedAt: date,
    code: whole,
    error: text,
    milliseconds: whole,
    snippet: text,
    deliveredAt: date,
    expiresAt: requiredDate,
  },
  indexes: [
    [{ endpoint: 1, eventId: 1 }, { unique: true }], // routeEvent: one event, one delivery
    [{ shop: 1, createdAt: -1, _id: -1 }], // deliveriesOf a shop
    [{ endpoint: 1, createdAt: -1, _id: -1 }], // deliveriesOf an endpoint, redeliver a period
    [{ nextAt: 1, _id: 1 }, { partialFilterExpression: { nextAt: { $exists: true } } }], // dueDeliveries
    [{ expiresAt: 1 }, { expireAfterSeconds: 0 }],
  ],
  personalData: 'none',
});
