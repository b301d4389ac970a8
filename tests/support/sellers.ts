import { randomUUID } from 'node:crypto';
import { grantStaff } from '#domain/admin/staff.ts';
import { makeShop } from '#domain/sellers/make-shop.ts';
import { type ShopEdit, saveShop } from '#domain/sellers/save-shop.ts';
import type { Permission } from '#platform/access.ts';
import { after, days } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { withAuthenticator } from '../functions/auth/authenticator.ts';
import type { Body } from './caller.ts';
import type { Person } from './people.ts';
import { type Announced, send, until } from './uploads.ts';
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

/** The smallest things that are what they say by their first bytes. */
export const PAPERS = {
  pdf: Buffer.from(
    '%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n',
  ),
  jpeg: Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'),
} as const;

interface Paper {
  readonly bytes: Uint8Array;
  readonly mime: string;
  readonly kind: string;
  readonly validUntil: string;
  readonly purpose: string;
}

/** Announces a document and sends its bytes, as an applicant's app would. */
export async function sendDocument(
  owner: Person,
  { bytes = PAPERS.pdf, ...wish }: Partial<Paper> = {},
): Promise<string> {
  const body = { kind: 'identity', mime: 'application/pdf', ...wish, bytes: bytes.length };
  const answer = await owner.post('/api/seller/documents', body, { key: randomUUID() });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  const { url, headers } = answer.body['upload'] as unknown as Pick<Announced, 'url' | 'headers'>;
  const id = String(answer.body['document']?.['id']);
  await send({ id, url, headers }, bytes);
  return id;
}

export const casesOf = async (owner: Person): Promise<readonly Body[]> =>
  (await owner.get('/api/seller')).body['verifications'] as Body;

/** The document once it has been looked into. */
export const lookedInto = (owner: Person, id: string): Promise<Body | undefined> =>
  until(
    async () => {
      const cases = await casesOf(owner);
      return cases
        .flatMap((one) => [...(one['documents'] ?? [])])
        .find((one) => String(one['id']) === id);
    },
    (document) => String(document?.['status']) !== 'awaited',
  );

export const apply = (owner: Person, body: object) =>
  owner.post('/api/seller/applications', body, { key: randomUUID() });

export const FORM = {
  action: 'start',
  kind: 'individual',
  legalName: 'Ada Nováková',
  country: 'DE',
  birthDate: '1990-05-17',
} as const;

/** An application that lacks nothing, not yet handed in: sellers need a second factor. */
export async function aDraft(world: World, name = 'applicant', form: object = {}): Promise<Person> {
  const person = await world.person(name);
  await withAuthenticator(world, person);
  await fillIn(world, person, form);
  return person;
}

/** Begins an application and sends a document that is good for 200 days. */
export async function fillIn(world: World, person: Person, form: object = {}): Promise<void> {
  await apply(person, { ...FORM, ...form });
  const validUntil = after(world.now(), days(200)).toISOString().slice(0, 10);
  await lookedInto(person, await sendDocument(person, { validUntil }));
}
