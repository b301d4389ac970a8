/**
 * A day in the life of a small town: something of everything that people do, so that every consumer
 * has something to do. What takes until noon has been delivered; the rest is for the test to deliver.
 */
import { randomUUID } from 'node:crypto';
import type { OrderRow } from '#domain/orders/order-state.ts';
import { payableCommissions, recordCommissions } from '#domain/sellers/commissions.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import { raw } from '../domain/wallet/books.ts';
import { giveCash } from '../functions/wallet/money.ts';
import type { Answer } from './caller.ts';
import { intoCart } from './cart.ts';
import { aContent, anAsset, assetBecomes, assetIsAudible, assetIsUploaded } from './contents.ts';
import { giveCoins, goLive } from './live.ts';
import { anOrder, carrierSays, checkOut } from './orders.ts';
import { aPaidOrder } from './paid-orders.ts';
import { aPartner, type Partner } from './partner.ts';
import { noticesOf, openAccount, settlePayment } from './payments.ts';
import { earn, fundProvider, verified, withAccount } from './payouts.ts';
import { PASSWORD, type Person } from './people.ts';
import { deliverAll } from './redelivery.ts';
import { act, aReturn, aTracking } from './returns.ts';
import { aShop, staffMember, type TestShop } from './sellers.ts';
import { type AProduct, aProduct } from './shop.ts';
import type { World } from './world.ts';

interface Town {
  readonly world: World;
  /** Sells, shows and talks. */
  readonly alice: Person;
  readonly bob: Person;
  /** Promotes what Alice sells. */
  readonly carol: Person;
  readonly staff: Person;
  readonly shop: TestShop;
  readonly bread: AProduct;
  readonly partner: Partner;
}

export interface Day {
  readonly people: readonly Person[];
  readonly end: () => Promise<void>;
}

/** Lives through a day; `delivered` learns which of its events have been delivered. */
export async function aDay(world: World, delivered: Set<string>): Promise<Day> {
  const town = await aTown(world);
  const afternoons: (() => Promise<void>)[] = [];
  for (const morning of [withOurPartners, onScreen, inTheMarket, onAir, atTheBank])
    afternoons.push(await morning(town));
  await deliverAll(world, { reversed: false, times: 1 }, delivered);
  for (const afternoon of afternoons) await afternoon();
  await atTheTownHall(town);
  const told = { 'refund.failed': 1, 'payout.paid': 1, 'charge.dispute.created': 1 };
  await noticesOf(world, told);
  const { alice, bob, carol, partner } = town;
  return { people: [alice, bob, carol], end: partner.close };
}

/** The provider has done what it was asked to by the events of the day, and says so. */
export const evening = (world: World): Promise<void> => noticesOf(world, { 'payout.paid': 2 });

/** Fails where something does not work out: a day is what it says it is. */
function insistent(person: Person): Person {
  const must =
    <Given extends readonly unknown[]>(ask: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      const answer = await ask(...given);
      if (answer.status < 300) return answer;
      throw new Error(`${String(given[0])}: ${answer.status} ${JSON.stringify(answer.body)}`);
    };
  const { post, put, delete: remove } = person;
  return Object.assign(person, { post: must(post), put: must(put), delete: must(remove) });
}

const aKey = () => ({ key: randomUUID() });

async function aTown(world: World): Promise<Town> {
  await openAccount(world);
  await fundProvider(world, 1_000_000);
  const [alice, bob, carol] = [
    insistent(await world.person('alice')),
    insistent(await world.person('bob')),
    insistent(await world.person('carol')),
  ] as const;
  for (const { id } of [alice, bob, carol]) await giveCash(id, 5000);
  const permissions = ['users.ban', 'catalogue.write', 'sellers.verify'] as const;
  const staff = insistent(await staffMember(world, permissions));
  const shop = await aShop(world, alice);
  const bread = await aProduct(alice, { variants: [{ stock: 60 }] });
  return { world, alice, bob, carol, staff, shop, bread, partner: await aPartner() };
}

/** Videos, stories, and what people make of each other. */
async function onScreen({ alice, bob, carol }: Town) {
  const all = [alice, bob, carol];
  const content = await aContent(alice, { caption: `Bread with @${bob.username}` });
  await bob.post(`/api/content/${content}/like`);
  const underway = { status: 'processing' } as const;
  const late = await anAsset(alice, underway);
  const wrong = await anAsset(bob, underway);
  const loud = await anAsset(carol, underway);
  await alice.post('/api/content', { assetId: late, caption: 'Later' });
  await bob.post('/api/content', { assetId: wrong, caption: 'Never' });
  await carol.post('/api/content', { assetId: loud, caption: 'Hear' });
  const told = await anAsset(bob, { purpose: 'story' });
  await bob.post('/api/stories', { assetId: told, audience: 'public' });
  const untold = await anAsset(carol, { ...underway, purpose: 'story' });
  await carol.post('/api/stories', { assetId: untold, audience: 'public' });
  await carol.put('/api/users/me', { isPrivate: true });

  return async () => {
    await bob.post(`/api/users/${alice.id}/follow`);
    await carol.post(`/api/users/${alice.id}/follow`);
    await bob.post(`/api/users/${carol.id}/follow`);
    await carol.put(`/api/users/${bob.id}/relation`, { action: 'accept' });
    await bob.put(`/api/users/${carol.id}/relation`, { action: 'bell_on' });
    for (const person of all) await person.post(`/api/content/${content}/view`, { watchMs: 4000 });
    for (const person of all) await person.post(`/api/content/${content}/like`);
    await carol.delete(`/api/content/${content}/like`);
    await bob.delete(`/api/content/${content}/like`);
    await bob.post(`/api/content/${content}/like`);
    const said = await bob.post(`/api/content/${content}/comment`, { text: 'Good' });
    const parentId = said.body['comment']?.['id'];
    await carol.post(`/api/content/${content}/comment`, { text: `Yes @${bob.username}`, parentId });
    await assetIsAudible(loud);
    const heard = await anAsset(alice, underway);
    await assetIsAudible(heard);
    await alice.post('/api/content', { assetId: heard, caption: 'Heard' });
    for (const ready of [late, untold, heard]) await assetBecomes(ready, 'ready');
    await assetBecomes(wrong, 'rejected');
    await assetIsUploaded(await anAsset(bob, { status: 'uploading' }));
    await carol.delete(`/api/users/${alice.id}/unfollow`);
    await alice.post('/api/notifications/read', { all: true });
    await alice.delete(`/api/content/${await aContent(alice)}`);
  };
}

/** Orders in every state, parcels, returns, refunds and disputes. */
async function inTheMarket({ world, alice, bob, carol, shop, bread }: Town) {
  const lastJam = await aProduct(alice, { variants: [{ stock: 1 }] });
  const paid = async (facts: object) => (await aPaidOrder(world, bob, shop, facts)).order;
  const wallet = { method: 'wallet' };
  const [sent, kept] = [await paid({ ...wallet, status: 'awaiting_shipment' }), await paid(wallet)];
  const back = await paid(wallet);
  const refused = await paid({ method: 'pm_card_refundFail', status: 'on_hold' });
  const { payment: doubted } = await aPaidOrder(world, bob, shop);
  const [there, home] = [byTheSameCarrier(), byTheSameCarrier()];
  await dealWith(alice, sent, { action: 'ship', ...there }, '/api/seller/orders');
  const returned = await aReturn(bob, back);
  await act(alice, returned, 'approve');
  await act(bob, returned, 'ship', home);
  await dealWith(bob, refused, { action: 'cancel', reason: 'other' });

  return async () => {
    await world.payments('POST', `charges/${doubted.providerRef}/dispute`, {});
    await intoCart(bob, bread);
    await checkOut(bob, { paymentMethod: 'pm_card_processing' });
    const pending = await raw('payments').findOne({ method: 'pm_card_processing' });
    await settlePayment(world, String(pending?.['providerRef']));
    await anOrder(bob, bread, { quantity: 2 });
    const cancelled = await anOrder(carol, bread, { quantity: 3 });
    await dealWith(carol, { _id: toId(cancelled.id) }, { action: 'cancel', reason: 'other' });
    await carrierSays(world, { trackingNo: there.trackingNo, status: 'delivered' });
    await carrierSays(world, { trackingNo: home.trackingNo, status: 'in_transit' });
    await dealWith(bob, kept, { action: 'confirm_receipt' });
    await anOrder(bob, lastJam);
  };
}

const byTheSameCarrier = () => ({ ...aTracking(), carrier: 'dhl' });

const dealWith = (
  person: Person,
  { _id }: Pick<OrderRow, '_id'>,
  wish: object,
  path = '/api/orders',
): Promise<Answer> => person.post(`${path}/${_id.toHexString()}/actions`, wish, aKey());

/** A seller’s own systems, and those who promote what is sold. */
async function withOurPartners({ world, alice, bob, carol, staff, bread, partner }: Town) {
  const events = ['order.paid', 'return.updated', 'refund.requested', 'stock.changed'];
  const more = ['shop.updated', 'seller.suspended', 'payout.requested'];
  await alice.post('/api/webhooks', { url: partner.url, events: [...events, ...more] }, aKey());
  const path = `/api/seller/affiliate-offers/${bread.id}`;
  const { body } = await alice.put(path, { rateBps: 1000 }, aKey());
  const offer = String(body['offer']?.['id']);
  await carol.post(`/api/affiliate/offers/${offer}/join`, {}, aKey());
  const order = newId<'order'>();
  const made = { order, line: newId<'line'>(), offer: toId<'offer'>(offer), baseMinor: 9000 };
  await transaction(async () => {
    const creator = toId<'user'>(carol.id);
    await recordCommissions([{ ...made, creator, amountMinor: 3000 }], world.now());
    await payableCommissions(order);
  });

  return async () => {
    await alice.put(path, { rateBps: 2000 }, aKey());
    const category = { kind: 'category', parent: null, name: { en: 'Home' }, commissionBps: 50 };
    const wish = { ...category, reason: 'test' };
    await staff.put('/api/admin/catalogue/category/home', wish, aKey());
    await alice.put('/api/seller/shop', { description: 'Fresh' });
    await bob.put(`/api/wishlist/${bread.id}`, { saved: true });
  };
}

async function onAir({ alice, bob, carol }: Town) {
  await giveCoins(bob, 100);
  const stream = await goLive(alice);

  return async () => {
    await goLive(carol);
    await bob.post(`/api/live/${stream}/join`);
    await bob.post(`/api/live/${stream}/gift`, { giftId: 'coffee' }, aKey());
    await alice.post(`/api/live/${stream}/end`);
  };
}

/** Transfers, coins and payouts. */
async function atTheBank({ alice, bob, carol, shop }: Town) {
  const [hers, its] = [
    { person: carol, payee: { type: 'user', id: toId(carol.id) } as const },
    { person: alice, payee: { type: 'shop', id: toId(shop.id) } as const },
  ];
  for (const earner of [hers, its]) {
    await verified(earner.person);
    await withAccount(earner.payee);
    await earn(earner, 3000);
  }
  const wish = { password: PASSWORD, from: 'affiliate', amount: 3000 };
  await carol.post('/api/wallet/withdrawals', wish, aKey());

  return async () => {
    await bob.post('/api/wallet/transfer', { to: alice.id, amount: 300 }, aKey());
    await alice.post('/api/wallet/transfer', { to: carol.id, amount: 100 }, aKey());
    await bob.post('/api/wallet/coins', { pack: 'coins-70' }, aKey());
    await alice.post('/api/seller/payouts', { password: PASSWORD }, aKey());
  };
}

/** Somebody signs in elsewhere, and somebody else is shut out. */
async function atTheTownHall({ world, alice, bob, staff }: Town): Promise<void> {
  const { email, password } = bob;
  const headers = { 'user-agent': 'Mixillo/1.0 (Tablet)' };
  await world.post('/api/auth/login', { email, password }, { headers });
  const cheat = await world.person('cheat');
  await staff.put(`/api/admin/users/${cheat.id}/ban`, { reason: 'sells stolen goods' });
  const suspension = { action: 'suspend', note: 'Looked into', reasonCode: 'performance' };
  await staff.put(`/api/admin/users/${alice.id}/verify`, suspension);
}
