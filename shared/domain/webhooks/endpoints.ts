import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { ownShop } from '#domain/sellers/shops.ts';
import { setting } from '#domain/system/settings.ts';
import { after, hours } from '#platform/clock.ts';
import type { Stored } from '#platform/collection.ts';
import { transaction } from '#platform/database.ts';
import { type Id, IdText } from '#platform/id.ts';
import { AddressRefused, NoAnswer, postToStranger, publicAddress } from '#platform/outbound.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { seal, unseal } from '#platform/seal.ts';
import { cancelDeliveries } from './deliveries.ts';
import { PARTNER_EVENTS } from './partner-events.ts';
import {
  ENDPOINT_STATUSES,
  type WebhookEndpoint,
  WebhookEndpoints,
} from './webhook-endpoint.model.ts';

export class AddressNotAccepted extends problem({
  code: 'address_not_accepted',
  status: 400,
  error: 'This address cannot be called',
}) {}
export class ChallengeFailed extends problem({
  code: 'challenge_failed',
  status: 409,
  error: 'The address did not answer the challenge',
}) {}
export class TooManyWebhooks extends problem({
  code: 'too_many_webhooks',
  status: 409,
  error: 'A shop cannot have more webhooks',
}) {}

export type EndpointRow = WebhookEndpoint & Stored & { readonly _id: Id<'webhook'> };

const TYPES = Object.values(PARTNER_EVENTS).flatMap((events) => events.map(({ type }) => type));
export const WebhookEvents = z.array(z.enum(TYPES)).min(1).max(TYPES.length);

/** An endpoint as its owner sees it. The secret is shown when it is made, and never again. */
export const WebhookView = z.object({
  id: IdText,
  url: z.string(),
  events: z.array(z.string()),
  status: z.enum(ENDPOINT_STATUSES),
  failingSince: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
});

export const toWebhookView = (endpoint: EndpointRow): z.infer<typeof WebhookView> => ({
  id: endpoint._id.toHexString(),
  url: endpoint.url,
  events: [...endpoint.events],
  status: endpoint.status,
  failingSince: endpoint.failingSince?.toISOString() ?? null,
  createdAt: endpoint.createdAt.toISOString(),
});

/** The endpoints of the caller's shop; there are few, so they come all at once. */
export async function endpointsOf(owner: Id<'user'>): Promise<EndpointRow[]> {
  const { _id: shop } = await ownShop(owner);
  const most = await setting('webhooks.maxEndpoints');
  return WebhookEndpoints.find({ shop }).sort({ _id: 1 }).limit(most).lean<EndpointRow[]>();
}

/** One endpoint of the caller's own. Throws `NotFound`. */
export async function ownEndpoint(owner: Id<'user'>, id: Id<'webhook'>): Promise<EndpointRow> {
  const endpoint = await WebhookEndpoints.findOne({ _id: id, owner }).lean<EndpointRow>();
  if (!endpoint) throw new NotFound();
  return endpoint;
}

export interface NewEndpoint {
  readonly owner: Id<'user'>;
  readonly url: string;
  readonly events: readonly string[];
  readonly operation: string;
}

interface Made {
  readonly endpoint: EndpointRow;
  readonly secret: string;
}

const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

/**
 * Makes an endpoint once its address has shown, by repeating a challenge, that it wants to be one.
 * Throws `AddressNotAccepted`, `ChallengeFailed`, `TooManyWebhooks`.
 */
export async function createEndpoint(wish: NewEndpoint): Promise<Made> {
  const { owner, url, events, operation } = wish;
  const { _id: shop } = await ownShop(owner);
  const earlier = await WebhookEndpoints.findOne({ operation }).lean<EndpointRow>();
  if (earlier) return { endpoint: earlier, secret: unseal(earlier.secretSealed) };
  const most = await setting('webhooks.maxEndpoints');
  if ((await WebhookEndpoints.countDocuments({ shop }).limit(most)) >= most)
    throw new TooManyWebhooks({ current: { limit: most } });
  await challenge(url);
  const secret = newSecret();
  const row = { shop, owner, url, events: [...new Set(events)], operation };
  const [made] = await WebhookEndpoints.create([{ ...row, secretSealed: seal(secret) }]);
  if (!made) throw new Error('the webhook was not created');
  return { endpoint: made.toObject() as EndpointRow, secret };
}

const CHALLENGE_TIMEOUT_MS = 10_000;

async function challenge(url: string): Promise<void> {
  const word = randomBytes(18).toString('base64url');
  const body = JSON.stringify({ type: 'webhook.challenge', challenge: word });
  try {
    publicAddress(url);
    const reply = await postToStranger(url, { body, headers: {}, timeoutMs: CHALLENGE_TIMEOUT_MS });
    if (reply.status < 200 || reply.status > 299 || !reply.snippet.includes(word))
      throw new ChallengeFailed({
        field: 'url',
        details: ['url: answer 2xx with the challenge that was posted'],
        current: { status: reply.status },
      });
  } catch (error) {
    if (error instanceof AddressRefused)
      throw new AddressNotAccepted({
        field: 'url',
        details: [`url: ${error.message}`],
        cause: error,
      });
    if (error instanceof NoAnswer)
      throw new ChallengeFailed({ field: 'url', details: [`url: ${error.message}`], cause: error });
    throw error;
  }
}

export interface EndpointChange {
  readonly events?: readonly string[] | undefined;
  readonly status?: 'active' | 'paused' | undefined;
  readonly rotateSecret?: true | undefined;
}

/** How long the secret before the present one signs as well. */
const PREVIOUS_VALID_MS = hours(24);

/** Changes an endpoint of the caller's; a new secret is returned, once. Throws `NotFound`, `Conflict`. */
export async function changeEndpoint(
  owner: Id<'user'>,
  id: Id<'webhook'>,
  { events, status, rotateSecret }: EndpointChange,
  now: Date,
): Promise<{ readonly endpoint: EndpointRow; readonly secret: string | null }> {
  const { secretSealed } = await ownEndpoint(owner, id);
  const secret = rotateSecret ? newSecret() : null;
  const endpoint = await WebhookEndpoints.findOneAndUpdate(
    { _id: id, owner, secretSealed },
    {
      $set: {
        ...(events && { events: [...new Set(events)] }),
        ...(status && { status }),
        ...(secret !== null && {
          secretSealed: seal(secret),
          previousSecretSealed: secretSealed,
          previousUntil: after(now, PREVIOUS_VALID_MS),
        }),
      },
      ...(status === 'active' && { $unset: { failingSince: 1 } }),
    },
    { returnDocument: 'after' },
  ).lean<EndpointRow>();
  if (!endpoint) throw new Conflict();
  return { endpoint, secret };
}

/** Removes an endpoint of the caller's; what is still on its way to it is given up. Throws `NotFound`. */
export const deleteEndpoint = (owner: Id<'user'>, id: Id<'webhook'>): Promise<void> =>
  transaction(async () => {
    const { deletedCount } = await WebhookEndpoints.deleteOne({ _id: id, owner });
    if (deletedCount === 0) throw new NotFound();
    await cancelDeliveries(id);
  });
