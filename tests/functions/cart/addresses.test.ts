import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anAddress, postal } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

const bookOf = async (person: Person) => (await person.get('/api/addresses')).body['addresses'];
const defaultsOf = async (person: Person) =>
  (await bookOf(person))?.filter((one) => one['isDefault']).map((one) => String(one['id']));

describe('addressesSave', () => {
  test('adds an address as it was meant, and lists it', async () => {
    const alice = await world.person('alice');

    const { status, body } = await alice.put(
      '/api/addresses/new',
      postal({ name: '  Alice\u202e  Example ', country: 'de', lines: ['Main 1', 'c/o Bob'] }),
    );

    expect(status).toBe(200);
    expect(body['address']).toMatchObject({
      name: 'Alice Example',
      lines: ['Main 1', 'c/o Bob'],
      country: 'DE',
      region: '',
      isDefault: true,
    });
    expect(await bookOf(alice)).toEqual([body['address']]);
  });

  test('keeps exactly one default', async () => {
    const alice = await world.person('alice');
    const first = await anAddress(alice);
    const second = await anAddress(alice);
    expect(await defaultsOf(alice)).toEqual([first]);

    const third = await anAddress(alice, { isDefault: true });
    expect(await defaultsOf(alice)).toEqual([third]);

    await alice.put(`/api/addresses/${second}`, postal({ isDefault: true, city: 'Bonn' }));
    expect(await defaultsOf(alice)).toEqual([second]);

    await alice.put(`/api/addresses/${second}`, postal({ isDefault: false }));
    expect(await defaultsOf(alice)).toEqual([second]);
  });

  test('keeps one default when five are sent at once as the first', async () => {
    const alice = await world.person('alice');

    const sent = await Promise.all(
      Array.from({ length: 5 }, () => alice.put('/api/addresses/new', postal({ isDefault: true }))),
    );

    expect(sent.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await bookOf(alice)).toHaveLength(5);
    expect(await defaultsOf(alice)).toHaveLength(1);
  });

  test('refuses countries that do not exist', async () => {
    const alice = await world.person('alice');
    const from = async (country: string) =>
      (await alice.put('/api/addresses/new', postal({ country }))).status;

    expect([await from('XX'), await from('EU'), await from('Germany'), await from('')]).toEqual([
      400, 400, 400, 400,
    ]);
  });

  test('holds fifty addresses', async () => {
    const alice = await world.person('alice');
    for (let count = 0; count < 48; count += 1) await anAddress(alice);

    const more = await Promise.all(
      Array.from({ length: 4 }, () => alice.put('/api/addresses/new', postal())),
    );

    expect(more.map(({ status }) => status).sort()).toEqual([200, 200, 409, 409]);
    expect(await bookOf(alice)).toHaveLength(50);
  });
});

describe('addressesDelete', () => {
  test('removes one, and makes the last one added the default in its place', async () => {
    const alice = await world.person('alice');
    const [first, second, third] = [
      await anAddress(alice),
      await anAddress(alice),
      await anAddress(alice),
    ];

    expect((await alice.delete(`/api/addresses/${first}`)).body).toEqual({ success: true });
    expect(await defaultsOf(alice)).toEqual([third]);
    await alice.delete(`/api/addresses/${third}`);
    await alice.delete(`/api/addresses/${second}`);
    expect(await bookOf(alice)).toEqual([]);
    expect((await alice.delete(`/api/addresses/${second}`)).status).toBe(404);
  });
});
