import { notify } from '#domain/notifications/notifications.ts';
import { after, days, hours, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import type { Id } from '#platform/id.ts';
import { log } from '#platform/log.ts';
import { AddressRefused, NoAnswer, postToStranger } from '#platform/outbound.ts';
import { unseal } from '#platform/seal.ts';
import type { DeliveryRow } from './deliveries.ts';
import type { EndpointRow } from './endpoints.ts';
import { WebhookDeliveries } from './webhook-delivery.model.ts';
import { WebhookEndpoints } from './webhook-endpoint.model.ts';

/** How long after each failed attempt the next one is made: a day in all. */
const WAITS_MS = [
  ...[minutes(1), minutes(5), minutes(15), hours(1)],
  ...[hours(3), hours(6), hours(12)],
] as const;
const TIMEOUT_MS = 10_000;
/** Longer than an attempt can take; whoever dies in between is followed by the job. */
const LEASE_MS = minutes(1);
/** Nothing has arrived for so long that we stop trying. */
const DISABLED_AFTER_MS = days(3);

interface Outcome {
  readonly code?: number;
  readonly error?: string;
  readonly milliseconds?: number;
  readonly snippet?: string;
}

/**
 * Tries one delivery, unless somebody else does or it is no longer due. The partner may get an
 * event twice, with the same `webhook-id`, when we die between sending and noting it.
 */
export async function deliver(id: Id<'delivery'>, now: Date): Promise<void> {
  const delivery = await WebhookDeliveries.findOneAndUpdate(
    { _id: id, status: 'pending', $or: [{ nextAt: { $lte: now } }, { attempts: 0 }] },
    { $set: { nextAt: after(now, LEASE_MS) }, $inc: { attempts: 1 } },
    { returnDocument: 'after' },
  ).lean<DeliveryRow>();
  if (!delivery) return;
  const endpoint = await WebhookEndpoints.findOne({
    _id: delivery.endpoint,
  }).lean<EndpointRow>();
  if (endpoint?.status !== 'active') return giveUp(delivery, { error: 'webhook_not_active' });
  const outcome = await attempt(endpoint, delivery, now);
  const arrived = outcome.code !== undefined && outcome.code >= 200 && outcome.code < 300;
  await (arrived ? succeed(delivery, outcome, now) : fail(endpoint, delivery, outcome, now));
}

async function attempt(
  endpoint: EndpointRow,
  { payload }: DeliveryRow,
  now: Date,
): Promise<Outcome> {
  const body = JSON.stringify(payload);
  try {
    const headers = await signed(endpoint, String(payload['id']), body, now);
    const reply = await postToStranger(endpoint.url, { body, headers, timeoutMs: TIMEOUT_MS });
    return { code: reply.status, milliseconds: reply.milliseconds, snippet: reply.snippet };
  } catch (error) {
    if (error instanceof AddressRefused || error instanceof NoAnswer)
      return { error: error.message };
    throw error;
  }
}

/** Signed as standardwebhooks.com says, by each secret that is valid now. */
async function signed(endpoint: EndpointRow, id: string, body: string, now: Date) {
  const { Webhook } = await import('standardwebhooks');
  const { secretSealed, previousSecretSealed, previousUntil } = endpoint;
  const previous = previousUntil && previousUntil > now ? previousSecretSealed : undefined;
  const secrets = [secretSealed, ...(previous ? [previous] : [])].map(unseal);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, now, body)).join(' '),
  };
}

async function succeed({ _id, endpoint }: DeliveryRow, outcome: Outcome, now: Date): Promise<void> {
  await WebhookDeliveries.updateOne(
    { _id },
    {
      $set: { ...outcome, status: 'delivered', deliveredAt: now },
      $unset: { nextAt: 1, error: 1 },
    },
  );
  await WebhookEndpoints.updateOne(
    { _id: endpoint, failingSince: { $exists: true } },
    { $unset: { failingSince: 1 } },
  );
}

async function fail(
  endpoint: EndpointRow,
  delivery: DeliveryRow,
  outcome: Outcome,
  now: Date,
): Promise<void> {
  const wait = WAITS_MS[delivery.attempts - 1];
  if (wait === undefined) await giveUp(delivery, outcome);
  else
    await WebhookDeliveries.updateOne(
      { _id: delivery._id, status: 'pending' },
      { $set: { ...outcome, nextAt: after(now, wait) } },
    );
  const { _id, failingSince } = endpoint;
  if (!failingSince)
    await WebhookEndpoints.updateOne(
      { _id, failingSince: { $exists: false } },
      { $set: { failingSince: now } },
    );
  else if (failingSince < after(now, -DISABLED_AFTER_MS)) await disable(endpoint, now);
}

async function giveUp({ _id }: DeliveryRow, outcome: Outcome): Promise<void> {
  await WebhookDeliveries.updateOne(
    { _id, status: 'pending' },
    { $set: { ...outcome, status: 'failed' }, $unset: { nextAt: 1 } },
  );
}

/** Stops calling an address where nobody is, and tells its owner. */
const disable = ({ _id, owner }: EndpointRow, now: Date): Promise<void> =>
  transaction(async () => {
    const { modifiedCount } = await WebhookEndpoints.updateOne(
      { _id, status: 'active' },
      { $set: { status: 'disabled' } },
    );
    if (modifiedCount === 0) return;
    const subject = { type: 'webhook', id: _id };
    await notify({ user: owner, type: 'account_notice', subject }, now);
    log.warning('webhook disabled', { webhookId: _id.toHexString() });
  });
