import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeShopStatus } from '#domain/sellers/make-shop.ts';
import { shopOf } from '#domain/sellers/shops.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { anAsset } from '../../support/contents.ts';
import { anOrder } from '../../support/orders.ts';
import { verified } from '../../support/payouts.ts';
import { PASSWORD, type Person } from '../../support/people.ts';
import { aShop, staffMember } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { eventsAbout } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function aSeller(name = 'seller'): Promise<Person & { readonly shop: string }> {
  const person = await world.person(name);
  await verified(person);
  const { id } = await aShop(world, person);
  return Object.assign(person, { shop: id });
}
const save = (seller: Person, body: object) => seller.put('/api/seller/shop', body);

const METHOD = { code: 'parcel', name: 'Parcel', rateMinor: 500, minDays: 2, maxDays: 4 };
const PROFILE = { name: 'Home', countries: ['DE', 'AT'], handlingDays: 2, methods: [METHOD] };

describe('sellerShop', () => {
  test('changes what is given and leaves the rest', async () => {
    const seller = await aSeller();

    const answer = await save(seller, {
      ...{ name: 'Tea & Cups', handle: `tea-${seller.username}`.slice(0, 30) },
      ...{ description: 'Loose\n\nleaves', country: 'NL' },
      returnPolicy: { days: 30, text: 'No questions' },
      shipping: [PROFILE, { ...PROFILE, name: 'World', countries: ['*'] }],
    });
    const seen = await world.get(`/api/shops/${String(answer.body['shop']?.['handle'])}`);

    expect(seen.body['shop']).toMatchObject({
      ...{ id: seller.shop, name: 'Tea & Cups', description: 'Loose\n\nleaves', open: true },
      ...{ country: 'NL', currency: 'USD', returnPolicy: { days: 30, text: 'No questions' } },
      shipping: [
        { name: 'Home', methods: [{ code: 'parcel', perItemMinor: 0 }] },
        { name: 'World' },
      ],
      owner: { id: seller.id, badge: 'seller' },
    });
    expect(await eventsAbout(seller.shop)).toEqual(['shop.updated', 'shop.updated']);
  });

  test.each([
    ['a country in two profiles', [PROFILE, { ...PROFILE, name: 'Again' }]],
    ['two methods under one code', [{ ...PROFILE, methods: [METHOD, METHOD] }]],
    ['a method that ends before it begins', [{ ...PROFILE, methods: [{ ...METHOD, maxDays: 1 }] }]],
    ['a country that is none', [{ ...PROFILE, countries: ['Germany'] }]],
  ])('refuses shipping with %s', async (_, shipping) => {
    const answer = await save(await aSeller(), { shipping });

    expect([answer.status, answer.body['code']]).toEqual([400, 'validation_failed']);
  });

  test('refuses a handle that another shop has, and one that looks like an id', async () => {
    const [seller, other] = [await aSeller(), await aSeller('other')];

    const taken = await save(seller, { handle: other.username });
    const same = await save(seller, { handle: seller.username });
    const odd = await save(seller, { handle: 'a'.repeat(24) });

    expect([taken.status, taken.body['field'], same.status]).toEqual([400, 'handle', 200]);
    expect(odd.status).toBe(400);
  });

  test('closes the counter while its owner is away', async () => {
    const seller = await aSeller();

    await save(seller, { holiday: true });
    const away = await world.get(`/api/shops/${seller.shop}`);
    const overview = await seller.get('/api/seller');
    await save(seller, { holiday: false });
    const back = await world.get(`/api/shops/${seller.shop}`);

    expect([away.body['shop']?.['open'], back.body['shop']?.['open']]).toEqual([false, true]);
    expect(overview.body['tasks']).toContain('end_holiday');
  });

  test('shows a picture that is ready, and takes it away again', async () => {
    const seller = await aSeller();
    const logoAssetId = await anAsset(seller, { purpose: 'avatar' });

    const shown = await save(seller, { logoAssetId });
    const gone = await save(seller, { logoAssetId: null });

    expect(shown.body['shop']?.['logoUrl']).toMatch(/^http/);
    expect(gone.body['shop']?.['logoUrl']).toBeNull();
  });

  test('takes a password for where the shop is paid, and a verification', async () => {
    const seller = await aSeller();
    const unverified = await world.person('unverified');
    await aShop(world, unverified);
    const payoutAccount = { ref: 'ba_1', label: 'DE •• 4321' };

    const [bare, wrong, right, unknown] = [
      await save(seller, { payoutAccount }),
      await save(seller, { payoutAccount, password: 'Wrong123!' }),
      await save(seller, { payoutAccount, password: PASSWORD }),
      await save(unverified, { payoutAccount, password: PASSWORD }),
    ];
    const { body } = await seller.get('/api/seller');

    expect([bare.status, wrong.status, right.status]).toEqual([403, 403, 200]);
    expect([unknown.status, unknown.body['code']]).toEqual([409, 'not_verified']);
    expect(body).toMatchObject({
      payoutAccount: { label: 'DE •• 4321' },
      tasks: [],
      balances: { shop: { pendingMinor: 0, availableMinor: 0, inPayoutMinor: 0 } },
    });
  });
});

describe('sellerShop', () => {
  test('does not show a picture that is not there yet, or never will be', async () => {
    const seller = await aSeller();
    const logoAssetId = await anAsset(seller, { purpose: 'avatar', status: 'processing' });
    const video = await anAsset(seller, { purpose: 'video' });

    const early = await save(seller, { logoAssetId });
    const wrong = await save(seller, { logoAssetId: video });

    expect([early.body['code'], wrong.body['code']]).toEqual(['media_not_ready', 'media_unusable']);
  });

  test('needs a shop, and one that was suspended does not open by a holiday', async () => {
    const staff = await staffMember(world, ['sellers.verify']);
    const seller = await aSeller();
    await staff.put(`/api/admin/users/${seller.id}/verify`, { action: 'suspend' });

    const none = await save(staff, { name: 'Nothing' });
    const holiday = await save(seller, { holiday: false });

    expect([none.status, none.body['code']]).toEqual([409, 'no_active_shop']);
    expect([holiday.status, holiday.body['current']]).toEqual([409, 'suspended']);
  });
});

describe('shopsGet', () => {
  test('does not show what was suspended, what there never was, and who blocked the viewer', async () => {
    const [seller, viewer] = [await aSeller(), await world.person('viewer')];
    const suspended = await aSeller('suspended');
    const row = await shopOf(toId(suspended.id));
    await transaction(async () => row && changeShopStatus(row, 'suspended', world.now()));
    await seller.put(`/api/users/${viewer.id}/relation`, { action: 'block' });

    const answers = [
      await viewer.get(`/api/shops/${suspended.shop}`),
      await viewer.get('/api/shops/no-such-shop'),
      await viewer.get(`/api/shops/${'f'.repeat(24)}`),
      await viewer.get(`/api/shops/${seller.shop}`),
    ];

    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await world.get(`/api/shops/${seller.shop}`)).status).toBe(200);
  });

  test('gives two shops of one name two handles', async () => {
    const [first, second] = [await aSeller(), await world.person('second')];
    await save(first, { handle: second.username });

    const { handle } = await aShop(world, second);

    expect(handle).toMatch(new RegExp(`^${second.username.slice(0, 23)}-[0-9a-f]{6}$`));
  });
});

describe('sellerOverview', () => {
  test('shows what is due for the orders of the shop', async () => {
    const [seller, buyer] = [await aSeller(), await world.person('buyer')];
    const order = await anOrder(buyer, await aProduct(seller));

    const { body } = await seller.get('/api/seller');

    expect(body['deadlines']).toMatchObject([
      { id: order.id, deadline: { kind: expect.any(String) } },
    ]);
    expect(body['deadlines']?.at(0)).not.toHaveProperty('buyerId');
    expect(body['balances']?.['shop']?.['pendingMinor']).toBeGreaterThan(0);
  });

  test('is empty for who has nothing to sell', async () => {
    const person = await world.person('buyer');

    const { body } = await person.get('/api/seller');

    expect(body).toMatchObject({
      ...{ verifications: [], shop: null, payoutAccount: null, tasks: [] },
      balances: { shop: null, affiliate: { currency: 'USD', availableMinor: 0 } },
    });
  });
});
