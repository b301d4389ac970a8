import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OrderPaid, OrderShipped } from '#domain/orders/order-events.ts';
import { days, hours, minutes } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { aPartner, type Partner } from '../../support/partner.ts';
import { type Person, signInAgain } from '../../support/people.ts';
import { aShop, type TestShop } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
let shop: TestShop;
let partner: Partner;

beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  seller = await world.person('seller');
  shop = await aShop(world, seller);
  partner = await aPartner();
});
afterEach(() => partner.close());
afterAll(() => world.stop());

const subscribe = (url: string, events: readonly string[] = ['order.paid']) =>
  seller.post('/api/webhooks', { url, events }, { key: randomUUID() });

async function subscribed(): Promise<{ id: string; secret: string }> {
  const { body } = await subscribe(partner.url);
  return { id: String(body['webhook']?.['id']), secret: String(body['secret']) };
}

/** Something happens to an order of the shop. */
async function happens(event: typeof OrderPaid | typeof OrderShipped = OrderPaid): Promise<string> {
  const orderId = newId<'order'>();
  const status = event === OrderPaid ? ('on_hold' as const) : ('shipped' as const);
  const others = { checkoutId: newId<'checkout'>(), buyerId: newId<'user'>() };
  const shopId = toId<'shop'>(shop.id);
  const facts = { orderId, ...others, shopId, sellerId: toId<'user'>(seller.id), status };
  await transaction(() => publish(event, facts, { now: world.now() }));
  await world.settle();
  return orderId.toHexString();
}

const deliveries = async () =>
  (await seller.get('/api/webhooks')).body['deliveries'] as unknown as Record<string, unknown>[];

/** The clock outruns tokens. */
async function later(milliseconds: number): Promise<void> {
  world.advance(milliseconds);
  await signInAgain(world, seller);
}

describe('webhooksCreate', () => {
  test('makes a webhook of an address that repeats the challenge, and shows its secret once', async () => {
    const { status, body } = await subscribe(partner.url);

    expect([status, body['webhook']?.['status']]).toEqual([201, 'active']);
    expect(String(body['secret'])).toMatch(/^whsec_/);
    const listed = await seller.get('/api/webhooks');
    expect(JSON.stringify(listed.body)).not.toContain(String(body['secret']));
    expect(listed.body['webhooks']).toHaveLength(1);
  });

  test('makes one webhook however often the same request comes', async () => {
    const wish = { url: partner.url, events: ['order.paid'] };
    const first = await seller.post('/api/webhooks', wish, { key: 'once' });
    const again = await seller.post('/api/webhooks', wish, { key: 'once' });

    expect(again.body).toEqual(first.body);
    expect((await seller.get('/api/webhooks')).body['webhooks']).toHaveLength(1);
  });

  test('refuses an address that does not repeat the challenge', async () => {
    partner.welcomes = false;

    const { status, body } = await subscribe(partner.url);

    expect([status, body['code']]).toEqual([409, 'challenge_failed']);
    expect((await seller.get('/api/webhooks')).body['webhooks']).toEqual([]);
  });

  test('refuses an address where nobody is', async () => {
    await partner.close();
    const { status, body } = await subscribe(partner.url);
    partner = await aPartner();

    expect([status, body['code']]).toEqual([409, 'challenge_failed']);
  });

  test.each([
    'http://example.com/hooks',
    'https://169.254.169.254/computeMetadata/v1/',
    'https://10.0.0.1/hooks',
    'https://192.168.1.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00::1]/',
    'https://0xa.1/',
    'https://167772161/',
    'https://example.com:22/',
    'https://user:secret@example.com/',
    'https://intranet/',
    'ftp://example.com/',
    'not an address',
  ])('refuses %s', async (url) => {
    const { status, body } = await subscribe(url);

    expect([status, body['code']]).toEqual([400, 'address_not_accepted']);
  });

  test('keeps a shop to a number of webhooks', async () => {
    for (let made = 0; made < 10; made += 1) await subscribe(partner.url);

    const { status, body } = await subscribe(partner.url);

    expect([status, body['code']]).toEqual([409, 'too_many_webhooks']);
  });
});

describe('an event of the shop', () => {
  test('arrives signed, once, with ids and states', async () => {
    const { secret } = await subscribed();

    const orderId = await happens();

    expect(partner.taken).toHaveLength(1);
    const [{ headers, text } = { headers: {}, text: '' }] = partner.taken;
    const verified = new Webhook(secret).verify(text, headers as Record<string, string>);
    expect(verified).toMatchObject({ type: 'order.paid', data: { orderId, shopId: shop.id } });
    expect(await deliveries()).toMatchObject([
      { type: 'order.paid', status: 'delivered', attempts: 1, code: 200, snippet: 'thanks' },
    ]);
  });

  test('does not arrive where it was not asked for, or while the webhook is paused', async () => {
    const { id } = await subscribed();

    await happens(OrderShipped);
    await seller.put(`/api/webhooks/${id}`, { status: 'paused' });
    await happens();

    expect(partner.taken).toEqual([]);
    expect(await deliveries()).toEqual([]);
  });

  test('is tried again until it is answered, later each time', async () => {
    await subscribed();
    partner.answer = { status: 500 };
    await happens();
    const [first] = await deliveries();
    await world.runJob('retryWebhooks');
    await world.settle();
    const early = partner.taken.length;

    world.advance(minutes(1) + 1000);
    await world.runJob('retryWebhooks');
    await world.settle();
    partner.answer = { status: 204 };
    world.advance(minutes(5) + 1000);
    await world.runJob('retryWebhooks');
    await world.settle();

    expect(first).toMatchObject({ status: 'pending', attempts: 1, code: 500 });
    expect(early).toBe(1);
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 3, code: 204 }]);
    const ids = new Set(partner.taken.map(({ headers }) => headers['webhook-id']));
    expect([partner.taken.length, ids.size]).toEqual([3, 1]);
  });

  test('is not carried on by a redirect', async () => {
    await subscribed();
    const elsewhere = await aPartner();
    partner.answer = { status: 302, location: elsewhere.url };

    await happens();

    expect(elsewhere.taken).toEqual([]);
    expect(await deliveries()).toMatchObject([{ status: 'pending', code: 302 }]);
    await elsewhere.close();
  });

  test('is given up after a day, and the webhook after three', async () => {
    const { id } = await subscribed();
    partner.answer = { status: 410 };
    await happens();
    for (const wait of [...[1, 5, 15].map(minutes), ...[1, 3, 6, 12].map(hours)]) {
      world.advance(wait + 1000);
      await world.runJob('retryWebhooks');
      await world.settle();
    }
    await later(days(3));
    const [givenUp] = await deliveries();
    await happens();

    expect(givenUp).toMatchObject({ status: 'failed', attempts: 8, nextAt: null });
    const { body } = await seller.get('/api/webhooks');
    expect(body['webhooks']).toMatchObject([{ id, status: 'disabled' }]);
    const inbox = await seller.get('/api/notifications');
    expect(JSON.stringify(inbox.body)).toContain('account_notice');

    await seller.put(`/api/webhooks/${id}`, { status: 'active' });
    partner.answer = { status: 200 };
    await happens();
    expect(await deliveries()).toMatchObject([{ status: 'delivered' }, {}, {}]);
  });
});

describe('webhooksUpdate', () => {
  test('gives a new secret while the old one signs for another day', async () => {
    const { id, secret: old } = await subscribed();
    const { body } = await seller.put(`/api/webhooks/${id}`, { rotateSecret: true });
    const fresh = String(body['secret']);
    const valid = (secret: string): boolean => {
      const { headers, text } = partner.taken.at(-1) ?? { headers: {}, text: '' };
      const signatures = String(headers['webhook-signature']).split(' ');
      const at = new Date(Number(headers['webhook-timestamp']) * 1000);
      return signatures.includes(new Webhook(secret).sign(String(headers['webhook-id']), at, text));
    };

    await happens();
    const during = [valid(old), valid(fresh)];
    await later(hours(25));
    await happens();

    expect(fresh).not.toBe(old);
    expect(during).toEqual([true, true]);
    expect([valid(old), valid(fresh)]).toEqual([false, true]);
  });

  test('changes what is heard', async () => {
    const { id } = await subscribed();

    await seller.put(`/api/webhooks/${id}`, { events: ['order.shipped'] });
    await happens();
    await happens(OrderShipped);

    expect(partner.taken.map(({ text }) => JSON.parse(text)['type'])).toEqual(['order.shipped']);
  });
});

describe('webhooksRedeliver', () => {
  test('sends one delivery again, or those of a period', async () => {
    const { id } = await subscribed();
    await happens();
    await happens();
    const [latest] = await deliveries();

    const one = await seller.post(`/api/webhooks/${id}/redeliver`, { deliveryId: latest?.['id'] });
    await world.settle();
    const from = new Date(world.now().getTime() - hours(1)).toISOString();
    const all = await seller.post(`/api/webhooks/${id}/redeliver`, { from });
    await world.settle();

    expect([one.status, one.body['requested'], all.body['requested']]).toEqual([202, 1, 2]);
    expect(partner.taken).toHaveLength(5);
  });

  test('knows nothing of deliveries that are not there', async () => {
    const { id } = await subscribed();

    const answer = await seller.post(`/api/webhooks/${id}/redeliver`, {
      deliveryId: newId().toHexString(),
    });

    expect(answer.status).toBe(404);
  });
});

describe('webhooksDelete', () => {
  test('removes a webhook and gives up what is on its way', async () => {
    const { id } = await subscribed();
    partner.answer = { status: 503 };
    await happens();

    const { status } = await seller.delete(`/api/webhooks/${id}`);
    partner.answer = { status: 200 };
    world.advance(minutes(2));
    await world.runJob('retryWebhooks');
    await world.settle();

    expect(status).toBe(200);
    expect(partner.taken).toHaveLength(1);
    const { body } = await seller.get('/api/webhooks');
    expect(body).toMatchObject({ webhooks: [], deliveries: [{ status: 'failed' }] });
    expect((await seller.delete(`/api/webhooks/${id}`)).status).toBe(404);
  });
});
