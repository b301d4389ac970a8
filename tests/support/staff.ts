import { grantStaff } from '#domain/admin/staff.ts';
import type { Permission } from '#platform/access.ts';
import { toId } from '#platform/id.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

/** A member of staff who may do exactly this. */
export async function aStaffMember(
  world: World,
  ...permissions: readonly Permission[]
): Promise<Person> {
  const person = await world.person('staff');
  await grantStaff(toId(person.id), permissions);
  return person;
}
