import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover } from '#build/discover.ts';
import { Payments } from '#domain/orders/payment.model.ts';
import type { PaymentRow } from '#domain/orders/payments.ts';
import { applyTruth } from '#domain/orders/provider-truth.ts';
import { giveCash } from '../functions/wallet/money.ts';
import { aContent, anAsset, assetBecomes } from '../support/contents.ts';
import { anOrder, checkOut, intoCart } from '../support/orders.ts';
import type { Person } from '../support/people.ts';
import {
  comparable,
  deliver,
  deliverAll,
  eventsSoFar,
  hearersOf,
  push,
  restore,
  type State,
  stateOfEverything,
} from '../support/redelivery.ts';
import { aShop } from '../support/sellers.ts';
import { aProduct } from '../support/shop.ts';
import { startWorld, type World } from '../support/world.ts';

const { consumers } = await discover();

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

describe.each(consumers)('$name', ({ name, definition }) => {
  test('refuses what is not a push of one of our messages', async () => {
    const nothing = await world.post(`/functions/${name}`, {});
    const text = await push(world, name, 'not JSON');
    const stranger = await push(world, name, { hello: 'world' });

    expect([nothing.status, text.status, stranger.status]).toEqual([400, 400, 400]);
  });

  test('lets events pass that it did not ask for', async () => {
    const [heard] = definition.on;
    const type = heard.type === '*' ? undefined : 'nobody.asked_for_this';
    const id = 'f'.repeat(24);
    const envelope = { id, type: type ?? 'x.y', occurredAt: new Date().toISOString(), data: {} };

    expect((await push(world, name, envelope)).status).toBe(200);
  });
});

/** The events that were delivered before a test began to look. */
const delivered = new Set<string>();

/** A day in the life of a small town: something of everything that people do. */
async function aDay(): Promise<Person[]> {
  const [alice, bob, carol] = [
    await world.person('alice'),
    await world.person('bob'),
    await world.person('carol'),
  ] as const;
  const all = [alice, bob, carol];
  for (const { id } of all) await giveCash(id, 5000);
  const content = await aContent(alice, { caption: `Bread with @${bob.username}` });
  await bob.post(`/api/content/${content}/like`);
  const late = await anAsset(alice, { status: 'processing' });
  const { body } = await alice.post('/api/content', { assetId: late, caption: 'Later' });
  const wrong = await anAsset(bob, { status: 'processing' });
  await bob.post('/api/content', { assetId: wrong, caption: 'Never' });
  const told = await anAsset(bob, { purpose: 'story' });
  await bob.post('/api/stories', { assetId: told, audience: 'public' });
  await deliverAll(world, { reversed: false, times: 1 }, delivered);

  await carol.put('/api/users/me', { isPrivate: true });
  await bob.post(`/api/users/${alice.id}/follow`);
  await carol.post(`/api/users/${alice.id}/follow`);
  await bob.post(`/api/users/${carol.id}/follow`);
  await carol.put(`/api/users/${bob.id}/relation`, { action: 'accept' });
  for (const person of all) await person.post(`/api/content/${content}/view`, { watchMs: 4000 });
  for (const person of all) await person.post(`/api/content/${content}/like`);
  await carol.delete(`/api/content/${content}/like`);
  await bob.delete(`/api/content/${content}/like`);
  await bob.post(`/api/content/${content}/like`);
  const said = await bob.post(`/api/content/${content}/comment`, { text: 'Good' });
  const parentId = said.body['comment']?.['id'];
  await carol.post(`/api/content/${content}/comment`, { text: `Yes @${bob.username}`, parentId });
  await assetBecomes(late, 'ready');
  await assetBecomes(wrong, 'rejected');
  await bob.post(`/api/content/${body['content']?.['id']}/like`);
  await bob.post('/api/wallet/transfer', { to: alice.id, amount: 300 }, { key: 'thanks' });
  await alice.post('/api/wallet/transfer', { to: carol.id, amount: 100 }, { key: 'rent' });
  await carol.delete(`/api/users/${alice.id}/unfollow`);
  await alice.post('/api/notifications/read', { all: true });
  await aMarket(alice, bob, carol);
  return all;
}

/** Of three orders one is paid and kept, one is cancelled, and one is paid while nobody looks. */
async function aMarket(seller: Person, bob: Person, carol: Person): Promise<void> {
  await aShop(world, seller);
  const bread = await aProduct(seller, { variants: [{ stock: 6 }] });
  await anOrder(bob, bread, { quantity: 2 });
  const { id } = await anOrder(carol, bread, { quantity: 3 });
  await carol.post(
    `/api/orders/${id}/actions`,
    { action: 'cancel', reason: 'other' },
    { key: 'no' },
  );
  await intoCart(bob, bread);
  await checkOut(bob); // No account is open at the provider: it does not answer.
  const { _id, ...payment } = await Payments.findOne({ method: 'pm_card_visa', purpose: 'order' })
    .orFail()
    .lean<PaymentRow>();
  const { amountMinor, currency } = payment;
  const truth = { status: 'captured', amountMinor, currency, capturedMinor: amountMinor } as const;
  await applyTruth(_id, { ...truth, providerRef: 'pi_unseen' }, world.now());
}

describe('events', () => {
  let people: readonly Person[];
  beforeAll(async () => {
    people = await aDay();
  }, 300_000);

  test('lead to the same whether they come once in order or twice from the last to the first', {
    timeout: 300_000,
  }, async () => {
    const before = await stateOfEverything(true);
    const waiting = (await eventsSoFar()).filter(({ id }) => !delivered.has(id));

    await deliverAll(world, { reversed: false, times: 1 }, new Set(delivered));
    const inOrder = inAnyOrder(await stateOfEverything());
    await restore(before);
    await deliverAll(world, { reversed: true, times: 2 }, new Set(delivered));
    const reversed = inAnyOrder(await stateOfEverything());

    expect(waiting.length).toBeGreaterThan(15);
    expect(comparable(reversed, before)).toEqual(comparable(inOrder, before));
  });

  test('change nothing when all of them come again, twice, from the last to the first', {
    timeout: 300_000,
  }, async () => {
    await deliverAll(world, { reversed: false, times: 1 }, delivered);
    const before = await stateOfEverything();
    const toldBefore = await toldTo(people);
    const events = await eventsSoFar();

    for (const event of events.reverse()) {
      expect(await deliver(world, event)).toEqual([]);
      expect(await deliver(world, event)).toEqual([]);
    }
    await deliverAll(world, { reversed: true, times: 2 }, new Set(events.map(({ id }) => id)));

    const heard = new Set(events.flatMap((event) => hearersOf(world, event)));
    expect(heard.size).toBeGreaterThan(8);
    expect(comparable(await stateOfEverything())).toEqual(comparable(before));
    expect(await toldTo(people)).toEqual(toldBefore);
  });
});

/**
 * An item that stands for several people is about one of them: whoever came first.
 * Everything else of it is the same in any order.
 */
const inAnyOrder = (state: State): State => ({
  ...state,
  Notification: (state['Notification'] ?? []).map(({ subject, ...item }) =>
    item['groupKey'] === 'follow' ? item : { subject, ...item },
  ),
});

/** What people got: a repeated letter has the same Message-ID, which mailboxes show once. */
const toldTo = async (people: readonly Person[]): Promise<string[][]> =>
  Promise.all(
    people.map(async ({ id, email }) => [
      ...(await world.realtime(`user:${id}`)).map(({ id: message, name }) => `${message} ${name}`),
      ...new Set((await world.mails(email)).map((mail) => `${mail.messageId} ${mail.subject}`)),
    ]),
  );
