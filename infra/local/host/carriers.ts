import { createHmac, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { clock } from '#platform/clock.ts';
import { config } from '#platform/config.ts';

const News = z.object({
  trackingNo: z.string(),
  status: z.string(),
  at: z.string().optional(),
  note: z.string().optional(),
  /** The carrier's id of this news; the same again is the same news. */
  id: z.string().optional(),
});

/** Tells the product of a parcel as its carrier would: signed, at the address of its webhook. */
export async function tellAsCarrier(
  host: string,
  carrier: string,
  req: IncomingMessage,
): Promise<number> {
  const parts: Buffer[] = [];
  for await (const part of req) parts.push(part as Buffer);
  const parsed = News.safeParse(JSON.parse(Buffer.concat(parts).toString('utf8') || '{}'));
  if (!parsed.success) return 400;
  const body = JSON.stringify({ id: randomUUID(), at: clock.now().toISOString(), ...parsed.data });
  // A carrier has a clock of its own, which nobody moves.
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac('sha256', config().CARRIER_WEBHOOK_SECRET)
    .update(`${at}.${body}`)
    .digest('hex');
  const { status } = await fetch(`${host}/api/shipments/webhooks/${carrier}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'carrier-signature': `t=${at},v1=${signature}` },
    body,
  });
  return status;
}
