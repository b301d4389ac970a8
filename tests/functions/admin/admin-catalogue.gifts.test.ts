import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminActions } from '#domain/admin/admin-action.model.ts';
import { giveCoins } from '../../support/live.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let staff: Person;
beforeAll(async () => {
  world = await startWorld({ background: false });
  staff = await staffMember(world, ['catalogue.write']);
});
afterAll(() => world.stop());

let keys = 0;
const put = (kind: string, id: string, body: object) =>
  staff.put(
    `/api/admin/catalogue/${kind}/${id}`,
    { kind, reason: 'test', ...body },
    { key: `catalogue-${(keys += 1)}` },
  );
const catalogue = async () => (await world.get('/api/wallet/catalogue')).body;

describe('adminCatalogue of gifts', () => {
  const moon = { name: { en: 'Moon' }, coinPrice: 30, diamondYield: 15 };

  test('offers a new gift, changes it, and keeps who did that', async () => {
    const made = await put('gift', 'moon', { ...moon, animation: 'moon-rise' });
    const changed = await put('gift', 'moon', { ...moon, coinPrice: 40 });

    expect(made.body['gift']).toMatchObject({ code: 'moon', animation: 'moon-rise', active: true });
    expect(changed.body['gift']).toMatchObject({ coinPrice: 40, animation: null });
    expect((await catalogue())['gifts']).toContainEqual(
      expect.objectContaining({ code: 'moon', coinPrice: 40 }),
    );
    const deeds = await AdminActions.find({ action: 'catalogue.gift' }).sort({ _id: 1 }).lean();
    expect(deeds).toMatchObject([
      { before: null },
      { before: { coinPrice: 30 }, after: { coinPrice: 40 } },
    ]);
  });

  test('takes a gift from the catalogue, and then nobody can give it', async () => {
    const [fan, star] = [await world.person('fan'), await world.person('star')];
    await giveCoins(fan, 100);
    const give = (key: string) =>
      fan.post('/api/wallet/gifts', { giftId: 'moon', userId: star.id }, { key });

    const before = await give('before');
    await put('gift', 'moon', { ...moon, active: false });
    const after = await give('after');

    expect([before.status, after.status]).toEqual([201, 404]);
  });

  test.each([
    ['no English name', { ...moon, name: { de: 'Mond' } }],
    ['a price of nothing', { ...moon, coinPrice: 0 }],
    ['another kind', { ...moon, kind: 'coin' }],
  ])('refuses %s', async (_, body) => {
    expect((await put('gift', 'moon', body)).status).toBe(400);
  });
});

describe('adminCatalogue of coin packs', () => {
  test('sells a new pack, and another price of an old one', async () => {
    const made = await put('coin', 'coins-10', { coins: 10, prices: { USD: 15 } });
    const changed = await put('coin', 'coins-70', {
      ...{ coins: 70, bonus: 5, prices: { USD: 89 } },
      storeProductIds: { apple: 'app.mixillo.coins.70' },
    });

    expect([made.status, changed.status]).toEqual([200, 200]);
    const { packs } = (await catalogue()) as unknown as { packs: unknown };
    expect(packs).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'coins-10', prices: { USD: 15 }, bonus: 0 }),
        expect.objectContaining({ code: 'coins-70', prices: { USD: 89 }, bonus: 5 }),
      ]),
    );
  });

  test('refuses a pack without a price', async () => {
    expect((await put('coin', 'coins-10', { coins: 10, prices: {} })).status).toBe(400);
  });
});
