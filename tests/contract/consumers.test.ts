import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { discover } from '#build/discover.ts';
import { toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { aDay, type Day, evening } from '../support/day.ts';
import { diligent, watchDeeds, whileAtWork } from '../support/deeds.ts';
import type { Person } from '../support/people.ts';
import {
  comparable,
  deliver,
  deliverAll,
  eventsSoFar,
  push,
  restore,
  type State,
  stateOfEverything,
} from '../support/redelivery.ts';
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

describe('events', () => {
  let day: Day;
  beforeAll(async () => {
    watchDeeds(world.url);
    day = await aDay(world, delivered);
  }, 300_000);
  afterAll(() => day.end());

  test('lead to the same whether they come once in order or twice from the last to the first', {
    timeout: 300_000,
  }, async () => {
    const before = await stateOfEverything(true);
    const waiting = (await eventsSoFar()).filter(({ id }) => !delivered.has(id));

    const done = new Set(delivered);
    await deliverAll(world, { reversed: false, times: 1 }, done);
    await evening(world);
    await deliverAll(world, { reversed: false, times: 1 }, done);
    const inOrder = inAnyOrder(await stateOfEverything());
    await restore(before);
    await deliverAll(world, { reversed: true, times: 2 }, new Set(delivered));
    const reversed = inAnyOrder(await stateOfEverything());

    expect(waiting.length).toBeGreaterThan(consumers.length);
    expect(comparable(reversed, before)).toEqual(comparable(inOrder, before));
  });

  test('change nothing when all of them come again, twice, from the last to the first', {
    timeout: 300_000,
  }, async () => {
    await deliverAll(world, { reversed: false, times: 1 }, delivered);
    const before = await stateOfEverything();
    const toldBefore = await toldTo(day.people);
    const events = await eventsSoFar();

    for (const event of events.reverse()) {
      expect(await deliver(world, event)).toEqual([]);
      expect(await deliver(world, event)).toEqual([]);
    }
    await deliverAll(world, { reversed: true, times: 2 }, new Set(events.map(({ id }) => id)));

    expect(comparable(await stateOfEverything())).toEqual(comparable(before));
    expect(await toldTo(day.people)).toEqual(toldBefore);
  });

  test('are written down once as given up, however often that is told', async () => {
    const [event] = await eventsSoFar();
    const by = { CloudPubSubDeadLetterSourceSubscription: 'somebody' };
    const tell = () => push(world, 'recordDeadLetter', event, by);

    await whileAtWork('recordDeadLetter', tell);
    await tell();

    const row = await OutboxEvents.findOne({ _id: toId(String(event?.id)) }).lean();
    expect(row?.deadLetters).toMatchObject([{ consumer: 'somebody' }]);
  });

  test('gave every consumer something to do', () => {
    const idle = consumers.filter(({ name }) => !diligent().has(name));

    expect(idle.map(({ name }) => name)).toEqual([]);
  });
});

/**
 * An item that stands for several people is about one of them: whoever came first. A wallet is brought
 * up to date as often as somebody looked. Everything else of them is the same in any order.
 */
const inAnyOrder = (state: State): State => ({
  ...state,
  Notification: (state['Notification'] ?? []).map(({ subject, ...item }) =>
    item['groupKey'] === 'follow' ? item : { subject, ...item },
  ),
  Wallet: (state['Wallet'] ?? []).map((wallet) => ({ ...wallet, version: 'any' })),
});

/** What people got: a repeated letter has the same Message-ID, which mailboxes show once. */
const toldTo = async (people: readonly Person[]): Promise<string[][]> =>
  Promise.all(
    people.map(async ({ id, email }) => [
      ...(await world.realtime(`user:${id}`)).map(({ id: message, name }) => `${message} ${name}`),
      ...new Set((await world.mails(email)).map((mail) => `${mail.messageId} ${mail.subject}`)),
    ]),
  );
