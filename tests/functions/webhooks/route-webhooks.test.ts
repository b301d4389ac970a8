import { randomUUID } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { discover } from '#build/discover.ts';
import { partnerWebhooks } from '#build/partner-webhooks.ts';
import { PARTNER_EVENTS } from '#domain/webhooks/partner-events.ts';
import { transaction } from '#platform/database.ts';
import type { EventType } from '#platform/event.ts';
import { newId, toId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { eventually } from '../../support/eventually.ts';
import { aPaidOrder } from '../../support/paid-orders.ts';
import { aPartner, type Partner } from '../../support/partner.ts';
import { earn, fundProvider, verified, withAccount } from '../../support/payouts.ts';
import { PASSWORD, type Person } from '../../support/people.ts';
import { act, aPhoto, aReturn } from '../../support/returns.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

const { consumers } = await discover();
const webhooks = partnerWebhooks();
const events = new Map<string, EventType>(
  Object.values(PARTNER_EVENTS)
    .flat()
    .map((event) => [event.type, event]),
);
const ajv = new Ajv2020({ formats: { 'date-time': true } });

let world: World;
let seller: Person;
let shop: TestShop;
let partner: Partner;
let secret: string;
let neighbour: Partner;
beforeAll(async () => {
  world = await startWorld();
  await fundProvider(world, 1_000_000);
  const other = await world.person('neighbour');
  await aShop(world, other);
  neighbour = await aPartner();
  await hearsAll(other, neighbour);
});
beforeEach(async () => {
  seller = await world.person('seller');
  shop = await aShop(world, seller);
  partner = await aPartner();
  secret = await hearsAll(seller, partner);
  return () => partner.close();
});
afterAll(async () => {
  await neighbour.close();
  await world.stop();
});

async function hearsAll(owner: Person, { url }: Partner): Promise<string> {
  await world.settle(); // Shops are opened before anybody listens.
  const wish = { url, events: [...events.keys()] };
  const { status, body } = await owner.post('/api/webhooks', wish, { key: randomUUID() });
  expect(status).toBe(201);
  return String(body['secret']);
}

type Message = { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
const taken = (): Message[] =>
  partner.taken.map(
    ({ text, headers }) =>
      new Webhook(secret).verify(text, headers as Record<string, string>) as Message,
  );
const typesTaken = () => taken().map(({ type }) => type);

/** Says that something has happened to this shop, or whatever else is said. */
async function happens(type: string, facts: Readonly<Record<string, unknown>>): Promise<void> {
  const event = events.get(type);
  if (!event) throw new Error(`no event ${type}`);
  await transaction(() => publish(event, event.data.parse(facts), { now: world.now() }));
}

describe('partners', () => {
  test('hear of everything in their own shop, once, as it is documented', async () => {
    const its = { shopId: shop.id, payeeId: shop.id, sellerId: seller.id, userId: seller.id };
    const sent = webhooks.map(({ type, example: { data } }) => {
      const known = Object.keys(data).flatMap((name) =>
        Object.entries(its).filter(([its]) => its === name),
      );
      return { type, data: { ...data, ...Object.fromEntries(known) } };
    });

    for (const { type, data } of sent) await happens(type, data);
    await world.settle();

    const messages = new Map(taken().map((message) => [message.type, message]));
    expect(partner.taken).toHaveLength(webhooks.length);
    expect(sent.map(({ type }) => messages.get(type))).toMatchObject(sent);
    for (const { type, schema, example } of webhooks) {
      expect(ajv.validate(schema, messages.get(type)), `${type}: ${ajv.errorsText()}`).toBe(true);
      expect(ajv.validate(schema, example), `${type}: ${ajv.errorsText()}`).toBe(true);
    }
    const { body } = await seller.get('/api/webhooks?limit=100');
    expect(body['deliveries']?.map(({ status }) => status)).toEqual(sent.map(() => 'delivered'));
    expect(neighbour.taken).toEqual([]);
  });

  test('hear nothing of what is no business of a shop', async () => {
    const payout = webhooks.find(({ type }) => type === 'payout.paid')?.example.data;
    const verification = { userId: seller.id, verificationId: newId().toHexString() };

    await happens('payout.paid', { ...payout, payeeType: 'user', payeeId: seller.id });
    await happens('payout.paid', { ...payout, payeeType: 'user', payeeId: shop.id });
    await happens('seller.verified', verification);
    await happens('coupon.updated', { couponId: newId().toHexString() });
    await world.settle();

    expect(taken()).toEqual([]);
  });

  test('are served by one consumer a topic', () => {
    const routers = consumers.filter(({ name }) => /^route.*Webhooks$/.test(name));

    const heard = routers.flatMap(({ definition: { on } }) => on.map(({ type }) => type));
    expect(routers).toHaveLength(Object.keys(PARTNER_EVENTS).length);
    expect(heard.sort()).toEqual([...events.keys()].sort());
  });
});

describe('routeOrderWebhooks and routeRefundWebhooks', () => {
  test('tell of a return and of the money that goes back', async () => {
    const buyer = await world.person('buyer');
    const { order } = await aPaidOrder(world, buyer, shop, { method: 'wallet' });

    const evidence = [await aPhoto(buyer)];
    const wish = { type: 'refund_only', reason: 'damaged', evidence };
    const id = await aReturn(buyer, order, wish);
    await act(seller, id, 'approve');
    await world.settle();

    const about = { orderId: order._id.toHexString(), buyerId: buyer.id, shopId: shop.id };
    const all = taken();
    const facts = (type: string) => all.find((message) => message.type === type)?.data;
    expect(facts('return.requested')).toMatchObject({ ...about, returnId: id });
    expect(facts('return.resolved')).toMatchObject({ returnId: id, status: 'resolved' });
    expect(facts('refund.requested')).toMatchObject({ ...about, status: 'pending' });
    expect(facts('refund.succeeded')).toMatchObject({ ...about, status: 'succeeded' });
  });
});

describe('routeProductWebhooks', () => {
  test('tells of a listing from its first draft to its end, and of its stock', async () => {
    const { id, variants } = await aProduct(seller, { variants: [{ stock: 10 }] });
    await world.settle();
    const stock = {
      kind: 'set',
      variantId: variants[0],
      version: 0,
      quantity: 1,
      reason: 'counted',
    };
    await seller.post(`/api/products/${id}/inventory`, stock, { key: 'counted' });
    await world.settle();
    await seller.put(`/api/products/${id}`, { status: 'paused' });
    await seller.delete(`/api/products/${id}`);
    await world.settle();

    const about = { productId: id, shopId: shop.id };
    expect(typesTaken().sort()).toEqual([
      ...['product.archived', 'product.created', 'product.updated'],
      ...['stock.changed', 'stock.low'],
    ]);
    expect(taken()).toContainEqual(
      expect.objectContaining({ type: 'product.updated', data: { ...about, status: 'paused' } }),
    );
  });
});

describe('routeSellerWebhooks', () => {
  test('tells of a suspension, and of its end', async () => {
    const staff = await staffMember(world, ['sellers.verify']);
    await verified(seller);
    await world.settle();
    const before = partner.taken.length;
    const decide = (body: object) => staff.put(`/api/admin/users/${seller.id}/verify`, body);

    await decide({ action: 'suspend', note: 'Looked into', reasonCode: 'performance' });
    await decide({ action: 'reinstate', note: 'All is well' });
    await world.settle();

    expect(typesTaken().slice(before).sort()).toEqual([
      ...['seller.suspended', 'seller.verified', 'shop.updated', 'shop.updated'],
    ]);
    expect(taken().map(({ data }) => data['shopId'])).toEqual(taken().map(() => shop.id));
  });
});

describe('routePayoutWebhooks', () => {
  test('tells of a payout of the shop until it is paid', async () => {
    const payee = { type: 'shop', id: toId(shop.id) } as const;
    await verified(seller);
    await withAccount(payee);
    await earn({ person: seller, payee }, 5000);

    const wish = { password: PASSWORD };
    const { body } = await seller.post('/api/seller/payouts', wish, { key: 'payout' });
    await eventually(
      async () => typesTaken(),
      (types) => types.includes('payout.paid'),
    );

    const told = taken().filter(({ type }) => type.startsWith('payout.'));
    expect(told.map(({ type }) => type).sort()).toEqual([
      ...['payout.approved', 'payout.paid', 'payout.requested'],
    ]);
    expect(told.map(({ data }) => data['payoutId'])).toEqual(
      told.map(() => body['payout']?.['id']),
    );
  });
});
