import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AffiliateOffer } from '#domain/sellers/affiliate-offer.model.ts';
import { ratesFor } from '#domain/sellers/affiliates.ts';
import {
  type EarnedCommission,
  payableCommissions,
  recordCommissions,
  reduceCommission,
} from '#domain/sellers/commissions.ts';
import { changedRate, lockedUntil, rateOf } from '#domain/sellers/rate-lock.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { type Id, newId, toId } from '#platform/id.ts';
import { type Person, signInAgain } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { eventsAbout, inboxOf } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let seller: Person;
beforeAll(async () => {
  world = await startWorld();
  seller = await world.person('seller');
  await aShop(world, seller);
});
afterAll(() => world.stop());

const offer = (product: AProduct, body: object) =>
  seller.put(`/api/seller/affiliate-offers/${product.id}`, body, { key: randomUUID() });
const join = (creator: Person, id: string) =>
  creator.post(`/api/affiliate/offers/${id}/join`, {}, { key: randomUUID() });

async function anOffer(body: object = { rateBps: 2000 }) {
  const product = await aProduct(seller);
  const answer = await offer(product, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return { product, id: String(answer.body['offer']?.['id']) };
}

/** What a creator would earn with a product now. */
async function rateFor(creator: Person, { id }: AProduct): Promise<number | undefined> {
  const wish = { product: toId<'product'>(id), creator: toId<'user'>(creator.id) };
  const rates = await ratesFor([wish], world.now());
  return rates.get(`${id}:${creator.id}`)?.rateBps;
}

describe('an affiliate offer', () => {
  test('pays who joined, and nobody else', async () => {
    const { product, id } = await anOffer();
    const [creator, passerBy] = [await world.person('creator'), await world.person('other')];

    const answer = await join(creator, id);

    expect(answer.body['offer']).toMatchObject({
      mine: { status: 'joined', rateBps: 2000, lockedUntil: null },
    });
    expect(await rateFor(creator, product)).toBe(2000);
    expect(await rateFor(passerBy, product)).toBeUndefined();
    expect(await eventsAbout(id)).toEqual(['affiliate.updated', 'affiliate.joined']);
  });

  test('is joined once, however often and at once', async () => {
    const { id } = await anOffer();
    const creator = await world.person('creator');

    const answers = await Promise.all(Array.from({ length: 5 }, () => join(creator, id)));
    const mine = await creator.get('/api/affiliate/offers?list=joined');

    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    expect(mine.body['offers']).toHaveLength(1);
  });

  test('is not for its seller', async () => {
    const { product, id } = await anOffer();

    const answer = await join(seller, id);

    expect([answer.status, answer.body['code']]).toEqual([409, 'own_offer']);
    expect(await rateFor(seller, product)).toBeUndefined();
  });

  test('for invited creators is there for them alone', async () => {
    const [invited, other] = [await world.person('invited'), await world.person('other')];
    const { product, id } = await anOffer({
      ...{ kind: 'targeted', rateBps: 3000 },
      creators: [`@${invited.username}`],
    });
    await world.settle();

    const invitations = await invited.get('/api/affiliate/offers?list=invitations');
    const strange = await join(other, id);
    const accepted = await join(invited, id);
    const after = await invited.get('/api/affiliate/offers?list=invitations');

    expect(await inboxOf(invited)).toEqual(['affiliate_invited']);
    expect(invitations.body['offers']).toMatchObject([
      { id, product: { id: product.id }, mine: { status: 'invited', rateBps: 0 } },
    ]);
    expect([strange.status, accepted.status]).toEqual([404, 200]);
    expect(after.body['offers']).toEqual([]);
    expect(await rateFor(invited, product)).toBe(3000);
  });

  test('counts the better of an open and a targeted one', async () => {
    const creator = await world.person('creator');
    const { product, id } = await anOffer({ rateBps: 1000 });
    const targeted = await offer(product, {
      ...{ kind: 'targeted', rateBps: 4000 },
      creators: [creator.id],
    });

    await join(creator, id);
    const open = await rateFor(creator, product);
    await join(creator, String(targeted.body['offer']?.['id']));

    expect([open, await rateFor(creator, product)]).toEqual([1000, 4000]);
  });

  test('takes as many creators as are allowed', async () => {
    const { id } = await anOffer();
    const creators = [await world.person('one'), await world.person('two')];
    await changeSetting('affiliates.maxCreators', 1);

    const answers = [];
    for (const creator of creators) answers.push((await join(creator, id)).status);
    await changeSetting('affiliates.maxCreators', 2000);

    expect(answers).toEqual([200, 409]);
  });

  test.each([
    ['less than one percent', { rateBps: 99 }],
    ['more than eighty percent', { rateBps: 8001 }],
    ['no rate', {}],
    ['guests of an open offer', { rateBps: 1000, creators: ['@somebody'] }],
    ['an end that is over', { rateBps: 1000, endsAt: '2020-01-01T00:00:00Z' }],
  ])('is not taken with %s', async (_, body) => {
    const product = await aProduct(seller);

    const answer = await offer(product, body);

    expect(answer.status).toBe(400);
  });

  test('is for products of one’s own shop, and names people there are', async () => {
    const rival = await world.person('rival');
    await aShop(world, rival);
    const foreign = await aProduct(rival);
    const mine = await aProduct(seller);

    const [other, nobody, none] = [
      await offer(foreign, { rateBps: 1000 }),
      await offer(mine, { kind: 'targeted', rateBps: 1000, creators: ['@no_such_person'] }),
      await offer(mine, { status: 'ended' }),
    ];

    expect([other.status, nobody.status, none.status]).toEqual([404, 404, 404]);
  });

  test('is found among others, the best paid first', async () => {
    const [low, high] = [await anOffer({ rateBps: 7900 }), await anOffer({ rateBps: 8000 })];
    const creator = await world.person('creator');

    const first = await creator.get('/api/affiliate/offers?limit=1');
    const next = await creator.get(
      `/api/affiliate/offers?limit=1&cursor=${String(first.body['nextCursor'])}`,
    );

    const ids = [first, next].map(({ body }) => String(body['offers']?.at(0)?.['id']));
    expect(ids).toEqual([high.id, low.id]);
    expect(first.body['offers']?.at(0)).toMatchObject({
      shop: { handle: seller.username },
      mine: null,
    });
  });
});

describe('the lock of a rate', () => {
  test('keeps what promoters were promised for thirty days', async () => {
    const old = await world.person('old');
    const { product, id } = await anOffer({ rateBps: 2000 });
    await join(old, id);
    const seen: (number | undefined)[][] = [];
    const look = async (...people: readonly Person[]) => {
      const rates = [];
      for (const person of people) rates.push(await rateFor(person, product));
      seen.push(rates);
    };

    await offer(product, { rateBps: 1000 });
    await world.settle();
    const told = await inboxOf(old);
    const fresh = await world.person('fresh');
    const joined = await join(fresh, id);
    const kept = await old.get('/api/affiliate/offers?list=joined');
    await look(old, fresh);
    await later(29);
    await look(old, fresh);
    await later(2);
    await look(old, fresh);
    await offer(product, { rateBps: 5000 });
    await look(old, fresh);
    await offer(product, { status: 'ended' });
    await look(old, fresh);
    const late = await join(await world.person('late'), id);
    await later(31);
    await look(old, fresh);

    expect(seen).toEqual([
      [2000, 1000],
      [2000, 1000],
      [1000, 1000],
      [5000, 5000],
      [5000, 5000],
      [undefined, undefined],
    ]);
    expect(joined.body['offer']).toMatchObject({ mine: { rateBps: 1000, lockedUntil: null } });
    expect(kept.body['offers']).toMatchObject([
      { rateBps: 1000, mine: { rateBps: 2000, lockedUntil: expect.any(String) } },
    ]);
    expect([late.status, late.body['current']]).toEqual([409, 'ended']);
    expect(told).toEqual(['affiliate_updated']);
  });

  test('does not end sooner by an end of the offer', async () => {
    const { product } = await anOffer({ rateBps: 2000 });
    const soon = after(world.now(), days(3)).toISOString();
    const lateEnough = after(world.now(), days(31)).toISOString();

    const early = await offer(product, { rateBps: 2000, endsAt: soon });
    const fair = await offer(product, { rateBps: 2000, endsAt: lateEnough });

    expect([early.status, fair.status]).toEqual([400, 200]);
  });

  test('binds also towards whom the seller does not want any more', async () => {
    const creator = await world.person('creator');
    const targeted = { kind: 'targeted', rateBps: 2500 };
    const { product, id } = await anOffer({ ...targeted, creators: [creator.id] });
    await join(creator, id);
    const another = await world.person('another');

    await offer(product, { ...targeted, creators: [another.id] });
    const left = await rateFor(creator, product);
    const back = await join(creator, id);
    await later(31);

    expect([left, back.status]).toEqual([2500, 404]);
    expect(await rateFor(creator, product)).toBeUndefined();
  });

  test('refuses one more cut than promises that can be kept at once', async () => {
    const { product } = await anOffer({ rateBps: 8000 });
    const cuts = Array.from({ length: 51 }, (_, index) => 7999 - index);

    const statuses = [];
    for (const rateBps of cuts) statuses.push((await offer(product, { rateBps })).status);
    const raise = await offer(product, { rateBps: 8000 });

    expect(statuses).toEqual([...Array(50).fill(200), 409]);
    expect(raise.status).toBe(200);
  });

  test('never pays less than a promise of the last days, nor more than was ever offered', () => {
    const began = new Date('2026-01-01T00:00:00Z');
    const lock = 30;
    const change = fc.record({
      day: fc.integer({ min: 1, max: 20 }),
      rateBps: fc.integer({ min: 0, max: 8000 }),
    });
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 12 }),
        fc.integer({ min: 0, max: 60 }),
        (changes, joinDay) => {
          let rates: Pick<AffiliateOffer, 'rateBps' | 'rateSince' | 'earlier'> = {
            ...{ rateBps: 4000, rateSince: began, earlier: [] },
          };
          const offered: number[] = [];
          let day = 0;
          const promoter = { status: 'joined' as const, joinedAt: after(began, days(joinDay)) };
          for (const step of [...changes, { day: 1, rateBps: 0 }]) {
            for (let last = day + step.day; day < last; day += 1) offered.push(rates.rateBps);
            rates = changedRate(rates, step.rateBps, lock, after(began, days(day)));
            const now = after(began, days(day));
            // What was offered on each of the last days of the lock, since they joined.
            const window = offered.slice(Math.max(joinDay, day - lock));
            const best = Math.max(0, ...(joinDay <= day ? [...window, rates.rateBps] : []));
            expect(rateOf(rates, promoter, lock, now)).toBe(best);
            expect(lockedUntil(rates, promoter, lock, now) === null).toBe(best <= rates.rateBps);
          }
        },
      ),
    );
  });
});

describe('affiliateCommissions', () => {
  const earned = async (
    creator: Person,
    facts: Partial<EarnedCommission> = {},
  ): Promise<EarnedCommission> => {
    const { id } = await anOffer();
    const commission = {
      ...{ order: newId<'order'>(), line: newId<'line'>(), offer: toId<'offer'>(id) },
      ...{ creator: toId<'user'>(creator.id), baseMinor: 1000, amountMinor: 200 },
      ...facts,
    };
    await transaction(() => recordCommissions([commission], world.now()));
    return commission;
  };
  const listed = async (creator: Person, query = '') => {
    const { body } = await creator.get(`/api/affiliate/commissions${query}`);
    return body['commissions'];
  };
  const reduce = ({ order, line }: EarnedCommission, byMinor: number) =>
    transaction(() => reduceCommission(order, line, byMinor));

  test('follow an order from its payment to its completion', async () => {
    const creator = await world.person('creator');
    const one = await earned(creator);

    await transaction(() => recordCommissions([one], world.now()));
    const pending = await listed(creator, '?status=pending');
    await transaction(() => payableCommissions(one.order));
    await transaction(() => payableCommissions(one.order));

    expect(pending).toMatchObject([{ amountMinor: 200, baseMinor: 1000, currency: 'USD' }]);
    expect(await listed(creator, '?status=payable')).toHaveLength(1);
    expect(await listed(creator)).toHaveLength(1);
  });

  test('shrink with refunds, and are reversed when nothing is left', async () => {
    const creator = await world.person('creator');
    const one = await earned(creator);

    await reduce(one, 50);
    const partly = await listed(creator);
    await reduce(one, 150);
    await reduce(one, 1);

    expect(partly).toMatchObject([{ status: 'pending', amountMinor: 150, reversedMinor: 50 }]);
    expect(await listed(creator)).toMatchObject([
      { status: 'reversed', amountMinor: 0, reversedMinor: 200 },
    ]);
  });

  test('are shown by video and by live stream', async () => {
    const creator = await world.person('creator');
    const [content, live] = [newId<'content'>(), newId<'live'>()];
    await earned(creator, { content });
    await earned(creator, { live });
    const of = async (kind: string, id: Id) => listed(creator, `?${kind}=${id.toHexString()}`);

    expect(await of('content', content)).toMatchObject([{ contentId: content.toHexString() }]);
    expect(await of('live', live)).toMatchObject([{ liveId: live.toHexString() }]);
    expect(await listed(await world.person('other'))).toEqual([]);
  });
});

async function later(count: number): Promise<void> {
  world.advance(days(count));
  await signInAgain(world, seller);
}
