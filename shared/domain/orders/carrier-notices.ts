import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { clock, minutes } from '#platform/clock.ts';
import { config } from '#platform/config.ts';
import { transaction } from '#platform/database.ts';
import { once } from '#platform/idempotency.ts';
import { publish } from '#platform/outbox.ts';
import { ValidationFailed } from '#platform/problem.ts';
import { InvalidSignature } from './provider-notices.ts';
import { type Carrier, PARCEL_NEWS } from './shipment.model.ts';
import { ShipmentTracked } from './shipment-events.ts';
import { Tracking } from './shipments.ts';

/** What a carrier sends. Ids are unique within a carrier. */
const Notice = z.object({
  id: z.string().min(1).max(128),
  trackingNo: Tracking.trackingNo,
  status: z.enum(PARCEL_NEWS),
  at: z.iso.datetime({ offset: true }),
  note: z.string().trim().max(300).optional(),
});

const TOLERANCE_MS = minutes(5);

/** `t=<seconds>,v1=<hex>`: what a carrier puts into `carrier-signature` over time and raw body. */
function signatureOf(rawBody: string | Buffer, at: Date, secret: string): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const mac = createHmac('sha256', secret).update(`${seconds}.`).update(rawBody).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

/**
 * Takes what a carrier tells of a parcel: proves where it is from and passes it on once. Throws
 * `InvalidSignature` and `ValidationFailed`.
 */
export async function takeCarrierNotice(
  carrier: Carrier,
  rawBody: Buffer,
  signature: string | undefined,
  now: Date,
): Promise<void> {
  verify(rawBody, signature, clock.machine());
  const { id, trackingNo, status, at, note } = understood(rawBody);
  const facts = { carrier, trackingNo, status, at: new Date(at), ...(note && { note }) };
  const work = () =>
    transaction(async () => {
      await publish(ShipmentTracked, facts, { now });
      return { status: 200, body: { received: true } };
    });
  await once({ scope: `hook:${carrier}`, key: id, input: id, now, work });
}

function verify(rawBody: Buffer, signature: string | undefined, now: Date): void {
  const seconds = /^t=(\d{1,12}),v1=[0-9a-f]{64}$/.exec(signature ?? '')?.[1];
  if (signature === undefined || seconds === undefined) throw new InvalidSignature();
  const at = new Date(Number(seconds) * 1000);
  const expected = Buffer.from(signatureOf(rawBody, at, config().CARRIER_WEBHOOK_SECRET));
  const given = Buffer.from(signature);
  const genuine = expected.length === given.length && timingSafeEqual(expected, given);
  const fresh = Math.abs(now.getTime() - at.getTime()) <= TOLERANCE_MS;
  if (!genuine || !fresh) throw new InvalidSignature();
}

function understood(rawBody: Buffer): z.infer<typeof Notice> {
  const parsed = Notice.safeParse(json(rawBody));
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ValidationFailed({ details: details.slice(0, 20) });
}

/** Undefined for what is not JSON, which no notice is. */
function json(rawBody: Buffer): unknown {
  try {
    return JSON.parse(rawBody.toString('utf8'));
  } catch {
    return undefined;
  }
}
