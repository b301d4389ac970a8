import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Carts } from '#domain/cart/cart.model.ts';
import { CartItems } from '#domain/cart/cart-item.model.ts';
import { removeBought } from '#domain/cart/carts.ts';
import { days, hours } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { OutboxEvents } from '#platform/outbox.model.ts';
import { intoCart } from '../../support/cart.ts';
import type { Person } from '../../support/people.ts';
import { aShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let product: AProduct;
beforeAll(async () => {
  world = await startWorld({ background: false });
  const seller = await world.person('seller');
  await aShop(world, seller);
  product = await aProduct(seller);
});
afterAll(() => world.stop());

const run = async () => expect(await world.runJob('abandonedCarts')).toBe(200);
const remindersOf = async ({ id }: Person) => {
  const asked = await OutboxEvents.find({ topic: 'notify' }).lean();
  return asked.filter(({ payload: { data } }) => data['userId'] === id).map((row) => row.payload);
};
const userOf = ({ id }: Person) => toId<'user'>(id);

describe('abandonedCarts', () => {
  test('reminds once of a cart that was left, and again when it was touched and left again', async () => {
    const alice = await world.person('alice');
    const item = await intoCart(alice, product);
    world.advance(hours(23));
    await run();
    expect(await remindersOf(alice)).toEqual([]);

    world.advance(hours(2));
    await run();
    await run();
    expect(await remindersOf(alice)).toMatchObject([{ data: { notification: 'cart_waiting' } }]);

    await renewed(alice);
    await alice.put(`/api/cart/items/${item}`, { quantity: 2 });
    world.advance(hours(25));
    await run();
    expect(await remindersOf(alice)).toHaveLength(2);
  });

  test('does not remind of what was taken out or bought', async () => {
    const [alice, bob, carol] = [
      await world.person('alice'),
      await world.person('bob'),
      await world.person('carol'),
    ];
    const removed = await intoCart(alice, product);
    await alice.delete(`/api/cart/items/${removed}`);
    const bought = await intoCart(bob, product);
    await transaction(() => removeBought(userOf(bob), [toId(bought)]));
    for (const person of [bob, carol])
      await expect(
        transaction(() => removeBought(userOf(person), [toId(bought)])),
      ).rejects.toMatchObject({ code: 'cart_changed' });

    world.advance(hours(25));
    await run();

    expect([...(await remindersOf(alice)), ...(await remindersOf(bob))]).toEqual([]);
    expect(await CartItems.find({ user: userOf(bob) }).lean()).toEqual([]);
  });

  test('forgets a cart with its lines after 90 days', async () => {
    const alice = await world.person('alice');
    await intoCart(alice, product);
    world.advance(days(89));
    const bob = await world.person('bob');
    await intoCart(bob, product);
    world.advance(days(1));

    await run();

    expect(await Carts.findOne({ user: userOf(alice) }).lean()).toBeNull();
    expect(await CartItems.find({ user: userOf(alice) }).lean()).toEqual([]);
    expect(await CartItems.find({ user: userOf(bob) }).lean()).toHaveLength(1);
  });
});

/** Signs in again: the token of yesterday has expired. */
async function renewed(person: Person): Promise<void> {
  const { body } = await world.post('/api/auth/refresh', { refreshToken: person.refreshToken });
  person.token = String(body['token']);
  person.refreshToken = String(body['refreshToken']);
}
