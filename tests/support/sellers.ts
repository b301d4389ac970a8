import { grantStaff } from '#domain/admin/staff.ts';
import { makeShop } from '#domain/sellers/make-shop.ts';
import { type ShopEdit, saveShop } from '#domain/sellers/save-shop.ts';
import type { Permission } from '#platform/access.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

export interface TestShop {
  readonly id: string;
  readonly handle: string;
  readonly owner: Person;
}

/** Gives a person a shop that sells: `aShop(world, seller, { country: 'DE' })`. */
export async function aShop(world: World, owner: Person, facts: ShopEdit = {}): Promise<TestShop> {
  const user = toId<'user'>(owner.id);
  const made = await transaction(() => makeShop(user, world.now()));
  const shop = Object.keys(facts).length > 0 ? await saveShop(user, facts, world.now()) : made;
  return { id: shop._id.toHexString(), handle: shop.handle, owner };
}

/** Somebody who works here and may do exactly this. */
export async function staffMember(
  world: World,
  permissions: readonly Permission[],
): Promise<Person> {
  const person = await world.person('staff');
  await grantStaff(toId(person.id), permissions);
  return person;
}
