import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { audit } from '#domain/orders/audit.ts';
import { Coins } from '#domain/wallet/coin.model.ts';
import { coinPacks } from '#domain/wallet/coins.ts';
import { minutes } from '#platform/clock.ts';
import { startWorld, type World } from '../../support/world.ts';
import { balanceOf, giveCash, statementOf } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

describe('walletCatalogue', () => {
  test('shows what can be bought to everybody, in their language, and may be cached', async () => {
    const { status, body, headers } = await world.get('/api/wallet/catalogue?locale=de-AT');

    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('public');
    expect(body['packs']?.at(0)).toMatchObject({
      code: 'coins-70',
      coins: 70,
      prices: { USD: 99 },
    });
    expect(body['gifts']).toContainEqual(
      expect.objectContaining({ code: 'castle', name: 'Schloss', coinPrice: 10_000 }),
    );
  });

  test('falls back to English', async () => {
    const { body } = await world.get('/api/wallet/catalogue?locale=fi');

    expect(body['gifts']?.at(0)).toMatchObject({ code: 'heart', name: 'Heart' });
  });
});

describe('walletCoins', () => {
  test('turns money into coins, and the bonus comes on top', async () => {
    const alice = await world.person('alice');
    await giveCash(alice.id, 1500);

    const { status, body } = await alice.post(
      '/api/wallet/coins',
      { pack: 'coins-700' },
      { key: 'pack' },
    );

    expect(status).toBe(201);
    expect(body).toMatchObject({
      transaction: { type: 'coins', direction: 'out', amount: 999, currency: 'USD' },
      purchased: 710,
      balance: { balance: 501, coins: 710, diamonds: 0 },
    });
    await world.settle();
    expect(await statementOf(alice)).toContainEqual(
      expect.objectContaining({ type: 'coins', direction: 'in', amount: 710, balanceAfter: 710 }),
    );
    expect(await world.realtime(`user:${alice.id}`)).toContainEqual(
      expect.objectContaining({
        name: 'wallet:update',
        data: expect.objectContaining({ coins: 710 }),
      }),
    );
    const proof = await audit(world.now(), new Date(Date.now() + minutes(2)));
    expect(proof.differences).toEqual([]);
  });

  test('sells one pack when one request is sent five times at once', async () => {
    const alice = await world.person('alice');
    await giveCash(alice.id, 1000);
    const buy = () => alice.post('/api/wallet/coins', { pack: 'coins-70' }, { key: 'tap' });

    const answers = await Promise.all([buy(), buy(), buy(), buy(), buy()]);

    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await balanceOf(alice)).toBe(901);
  });

  test('sells nothing for too little money', async () => {
    const alice = await world.person('alice');
    await giveCash(alice.id, 98);

    const { status } = await alice.post('/api/wallet/coins', { pack: 'coins-70' }, { key: 'a' });

    expect(status).toBe(402);
    expect(await balanceOf(alice)).toBe(98);
  });

  test('knows a pack by its id as well, and no other packs', async () => {
    const alice = await world.person('alice');
    await giveCash(alice.id, 99);
    const { body } = await world.get('/api/wallet/catalogue');
    const pack = String(body['packs']?.at(0)?.['id']);

    const bought = await alice.post('/api/wallet/coins', { pack }, { key: 'by-id' });
    const unknown = await alice.post('/api/wallet/coins', { pack: 'coins-1' }, { key: 'unknown' });

    expect([bought.status, unknown.status]).toEqual([201, 404]);
  });

  test('says plainly that receipts of stores are not accepted', async () => {
    const alice = await world.person('alice');
    const receipt = { store: 'apple', token: 'abc' };

    const { status, body } = await alice.post(
      '/api/wallet/coins',
      { pack: 'coins-70', receipt },
      { key: 'receipt' },
    );

    expect([status, body['code']]).toEqual([400, 'receipts_unsupported']);
  });

  test('does not sell for money it has no price in', async () => {
    await Coins.create([{ code: 'yen-only', coins: 5, prices: { JPY: 10 } }]);
    coinPacks.forget();
    const alice = await world.person('alice');

    const { status, body } = await alice.post(
      '/api/wallet/coins',
      { pack: 'yen-only' },
      { key: 'yen' },
    );

    expect([status, body['code']]).toEqual([409, 'not_sold_in_currency']);
  });
});
