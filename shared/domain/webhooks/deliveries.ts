import { z } from 'zod';
import { after, days, minutes } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { findPage, type Page, type PageQuery } from '#platform/page.ts';
import { type Happening, shopConcerned } from './partner-events.ts';
import {
  DELIVERY_STATUSES,
  WebhookDeliveries,
  type WebhookDelivery,
} from './webhook-delivery.model.ts';
import { WebhookEndpoints } from './webhook-endpoint.model.ts';
import { DeliveryRequested } from './webhook-events.ts';

export type DeliveryRow = WebhookDelivery & Stored & { readonly _id: Id<'delivery'> };

/** A delivery in the log of its endpoint. */
export const DeliveryView = z.object({
  id: IdText,
  webhookId: IdText,
  eventId: z.string(),
  type: z.string(),
  status: z.enum(DELIVERY_STATUSES),
  attempts: z.int(),
  nextAt: z.iso.datetime().nullable(),
  /** The status that was answered last. */
  code: z.int().nullable(),
  error: z.string().nullable(),
  milliseconds: z.int().nullable(),
  snippet: z.string().nullable(),
  createdAt: z.iso.datetime(),
});

export const toDeliveryView = (row: DeliveryRow): z.infer<typeof DeliveryView> => ({
  id: row._id.toHexString(),
  webhookId: row.endpoint.toHexString(),
  eventId: row.eventId,
  type: row.type,
  status: row.status,
  attempts: row.attempts,
  nextAt: row.nextAt?.toISOString() ?? null,
  code: row.code ?? null,
  error: row.error ?? null,
  milliseconds: row.milliseconds ?? null,
  snippet: row.snippet ?? null,
  createdAt: row.createdAt.toISOString(),
});

/** The log of a shop, or of one of its endpoints, the latest first. */
export const deliveriesOf = (
  shop: Id<'shop'>,
  endpoint: Id<'webhook'> | undefined,
  query: PageQuery,
): Promise<Page<DeliveryRow>> =>
  findPage<WebhookDelivery>({
    model: WebhookDeliveries,
    where: endpoint ? { endpoint, shop } : { shop },
    sort: { field: 'createdAt', direction: -1 },
    query,
    scope: `deliveries:${shop.toHexString()}`,
  });

const KEPT_MS = days(30);
const MOST_LISTENERS = 100;

/**
 * Puts an event on its way to every endpoint of its shop that asked for it; once, in the caller's
 * transaction. Nobody else's endpoint hears of it.
 */
export async function routeEvent(happening: Happening, now: Date): Promise<void> {
  const { type, eventId, occurredAt, data } = happening;
  const shop = shopConcerned(data);
  if (!shop) return;
  const listeners = await WebhookEndpoints.find(
    { shop, status: 'active', events: type },
    { _id: 1 },
  )
    .limit(MOST_LISTENERS)
    .lean<{ readonly _id: Id<'webhook'> }[]>();
  const payload = { id: eventId, type, createdAt: occurredAt.toISOString(), data: plain(data) };
  for (const { _id: endpoint } of listeners) {
    const row = { endpoint, shop, eventId, type, payload, nextAt: now };
    const [made] = await WebhookDeliveries.create([{ ...row, expiresAt: after(now, KEPT_MS) }]);
    if (made) await request(made._id as Id<'delivery'>, endpoint, now);
  }
}

/** As it is sent: ids as text. */
const plain = (data: object) => JSON.parse(JSON.stringify(data)) as Record<string, unknown>;

const request = (deliveryId: Id<'delivery'>, endpointId: Id<'webhook'>, now: Date) =>
  publish(DeliveryRequested, { deliveryId, endpointId }, { now });

/** Long enough for whoever hears the request to have begun. */
const ASKED_AGAIN_MS = minutes(2);

/** What is due and has not been asked for in a while, the oldest first. */
export const dueDeliveries = (now: Date, limit: number): Promise<DeliveryRow[]> =>
  WebhookDeliveries.find({
    nextAt: { $exists: true, $lte: now },
    askedAt: { $not: { $gt: after(now, -ASKED_AGAIN_MS) } },
  })
    .sort({ nextAt: 1, _id: 1 })
    .limit(limit)
    .lean<DeliveryRow[]>()
    .exec();

/** Asks for a due delivery to be tried. */
export const askAgain = ({ _id, endpoint, nextAt }: DeliveryRow, now: Date): Promise<void> =>
  transaction(async () => {
    const { modifiedCount } = await WebhookDeliveries.updateOne(
      { _id, nextAt: nextAt as Date },
      { $set: { askedAt: now } },
    );
    if (modifiedCount === 1) await request(_id, endpoint, now);
  });

/** Gives up what is on its way to an endpoint that is gone. */
export async function cancelDeliveries(endpoint: Id<'webhook'>): Promise<void> {
  await WebhookDeliveries.updateMany(
    { endpoint, status: 'pending' },
    { $set: { status: 'failed', error: 'webhook_deleted' }, $unset: { nextAt: 1 } },
  );
}

export interface Replay {
  readonly endpoint: Id<'webhook'>;
  readonly delivery?: Id<'delivery'> | undefined;
  readonly from?: Date | undefined;
  /** Exclusive. */
  readonly to?: Date | undefined;
}

const MOST_REPLAYED = 200;

/** Sends deliveries of an endpoint once more, one or those of a period, the oldest first; how many. */
export async function replayDeliveries(
  { endpoint, delivery, from, to }: Replay,
  now: Date,
): Promise<number> {
  const period = { ...(from && { $gte: from }), ...(to && { $lt: to }) };
  const rows = await WebhookDeliveries.find({
    endpoint,
    ...(delivery ? { _id: delivery } : { createdAt: period }),
  })
    .sort({ createdAt: 1, _id: 1 })
    .limit(MOST_REPLAYED)
    .lean<DeliveryRow[]>();
  return transaction(async () => {
    for (const { _id } of rows) {
      await WebhookDeliveries.updateOne(
        { _id },
        { $set: { status: 'pending', attempts: 0, nextAt: now } },
      );
      await request(_id, endpoint, now);
    }
    return rows.length;
  });
}
