import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { raw } from '../../domain/wallet/books.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

const PATH = '/api/shipments/webhooks/dhl';
const notice = (facts: object = {}) =>
  JSON.stringify({
    id: 'news-1',
    trackingNo: 'NOBODYS-PARCEL',
    status: 'in_transit',
    at: new Date().toISOString(),
    ...facts,
  });

function signed(
  body: string,
  secret = process.env['CARRIER_WEBHOOK_SECRET'] ?? '',
  ageSeconds = 0,
) {
  const at = Math.floor(Date.now() / 1000) - ageSeconds;
  const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
  return { 'carrier-signature': `t=${at},v1=${signature}`, 'content-type': 'application/json' };
}
const tracked = () => raw('outboxevents').countDocuments({ type: 'shipment.tracked' });
const send = (body: string, headers: Record<string, string> = signed(body), path = PATH) =>
  world.post(path, body, { headers });

describe('shipmentsWebhook', () => {
  test('refuses what the carrier has not signed, and changes nothing', async () => {
    const body = notice({ id: 'forged' });
    const before = await tracked();
    const { 'carrier-signature': signature } = signed(body);

    const answers = [
      await send(body, signed(body, 'whsec_somebody_else')),
      await send(body.replace('in_transit', 'delivered'), signed(body)),
      await send(body, signed(body, undefined, 301)),
      await send(body, signed(body, undefined, -301)),
      await send(body, { 'content-type': 'application/json' }),
      await send(body, { 'carrier-signature': `${signature},v1=${'0'.repeat(64)}` }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect(answers.every(({ body: { code } }) => String(code) === 'invalid_signature')).toBe(true);
    expect(await tracked()).toBe(before);
  });

  test('passes news on once, however often and however simultaneously it comes', async () => {
    const body = notice({ id: 'once' });
    const before = await tracked();

    const answers = await Promise.all(Array.from({ length: 8 }, () => send(body)));

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await tracked()).toBe(before + 1);
  });

  test('refuses what makes no sense, though it is signed', async () => {
    const answers = [
      await send('not JSON'),
      await send(notice({ status: 'eaten_by_dog' })),
      await send(notice({ at: 'yesterday' })),
      await send('{}'),
    ];

    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual(
      answers.map(() => [400, 'validation_failed']),
    );
  });

  test('knows no other carrier', async () => {
    const body = notice();

    const { status } = await send(body, signed(body), '/api/shipments/webhooks/my_uncle');

    expect(status).toBe(404);
  });
});
