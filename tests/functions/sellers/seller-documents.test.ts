import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EICAR } from '#local/clamav/eicar.ts';
import { writeObject } from '#platform/storage.ts';
import type { Person } from '../../support/people.ts';
import {
  apply,
  FORM,
  lookedInto,
  PAPERS,
  sendDocument,
  staffMember,
} from '../../support/sellers.ts';
import { finalize, inboxOf, objectsIn, until } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

async function anApplicant(form: object = {}): Promise<Person> {
  const person = await world.person('applicant');
  await apply(person, { ...FORM, ...form });
  return person;
}

const announce = (person: Person, body: object, key: string) =>
  person.post(
    '/api/seller/documents',
    { kind: 'identity', mime: 'application/pdf', bytes: PAPERS.pdf.length, ...body },
    { key },
  );

describe('sellerDocuments', () => {
  test('opens one session for one key, however often it is asked', async () => {
    const person = await anApplicant();

    const [first, again] = [await announce(person, {}, 'one'), await announce(person, {}, 'one')];
    const overview = await person.get('/api/seller');

    expect([first.status, again.body]).toEqual([201, first.body]);
    expect(overview.body['verifications']?.at(0)?.['documents']).toHaveLength(1);
  });

  test('needs an application that is open', async () => {
    const nobody = await world.person('nobody');

    const answer = await announce(nobody, {}, 'one');

    expect([answer.status, answer.body['code']]).toEqual([409, 'conflict']);
  });

  test('takes ten documents and no more', async () => {
    const person = await anApplicant();
    const keys = Array.from({ length: 11 }, (_, index) => `document-${index}`);

    const statuses = [];
    for (const key of keys) statuses.push((await announce(person, {}, key)).status);

    expect(statuses).toEqual([...Array(10).fill(201), 409]);
  });

  test.each([
    ['a film', { mime: 'video/mp4' }],
    ['more than ten megabytes', { bytes: 10 * 1024 * 1024 + 1 }],
    ['a paper that has ended', { validUntil: '2020-01-01' }],
  ])('refuses %s before a byte is sent', async (_, body) => {
    const person = await anApplicant();

    const answer = await announce(person, body, 'one');

    expect([answer.status, answer.body['code']]).toEqual([400, 'validation_failed']);
  });
});

describe('onKycFinalized', () => {
  test.each([
    ['pdf', 'application/pdf'],
    ['jpeg', 'image/jpeg'],
  ] as const)('attaches a clean %s, which nobody can read in public', async (kind, mime) => {
    const person = await anApplicant();

    const id = await sendDocument(person, { bytes: PAPERS[kind], mime });
    const document = await lookedInto(person, id);
    const [object] = await objectsIn('KYC_BUCKET', `${person.id}/`);
    const open = await fetch(
      `${process.env['STORAGE_EMULATOR_HOST']}/${process.env['KYC_BUCKET']}/${object}`,
    );

    expect(document).toMatchObject({ status: 'checked', code: null });
    expect(object).toMatch(new RegExp(`${id}$`));
    expect(open.ok).toBe(false);
  });

  test.each([
    ['a virus', EICAR, 'application/pdf', 'malware'],
    ['a picture that says it is a paper', PAPERS.jpeg, 'application/pdf', 'type_mismatch'],
    ['text that says it is a picture', 'just words', 'image/png', 'type_mismatch'],
  ])('deletes %s, and tells its owner why', async (_, content, mime, code) => {
    const person = await anApplicant();

    const id = await sendDocument(person, { bytes: Buffer.from(content), mime });
    const document = await lookedInto(person, id);
    const left = await until(
      () => objectsIn('KYC_BUCKET', `${person.id}/`),
      (names) => names.length === 0,
    );
    await world.settle();

    expect(document).toMatchObject({ status: 'refused', code });
    expect(left).toEqual([]);
    expect(await inboxOf(person)).toEqual(['seller_needs_info']);
  });

  test('deletes what has another size than was announced, and what is too large', async () => {
    const person = await anApplicant();
    const answers = [await announce(person, {}, 'short'), await announce(person, {}, 'long')];
    const [short, long] = answers.map(({ body }) => String(body['document']?.['id']));
    const folder = await folderOf(person);

    await put(`${folder}${short}`, Buffer.from('%PDF-'));
    await put(`${folder}${long}`, Buffer.alloc(10 * 1024 * 1024 + 1));

    expect(await lookedInto(person, short ?? '')).toMatchObject({ code: 'size_mismatch' });
    expect(await lookedInto(person, long ?? '')).toMatchObject({ code: 'too_large' });
  });

  test('deletes what nobody announced', async () => {
    await put('somebody/else', Buffer.from('hello'));
    await put(`${'a'.repeat(24)}/${'b'.repeat(24)}/${'c'.repeat(24)}`, Buffer.from('hello'));

    const left = await until(
      async () => [
        ...(await objectsIn('KYC_BUCKET', 'somebody/')),
        ...(await objectsIn('KYC_BUCKET', 'aaaa')),
      ],
      (names) => names.length === 0,
    );

    expect(left).toEqual([]);
  });

  test('changes nothing when the storage says it again', async () => {
    const person = await anApplicant();
    const id = await sendDocument(person);
    const document = await lookedInto(person, id);
    const [name = ''] = await objectsIn('KYC_BUCKET', `${person.id}/`);

    const bucket = String(process.env['KYC_BUCKET']);
    const status = await finalize(world, 'onKycFinalized', { bucket, name });

    expect(status).toBe(200);
    expect(await lookedInto(person, id)).toEqual(document);
    expect(await objectsIn('KYC_BUCKET', `${person.id}/`)).toEqual([name]);
  });

  test('makes room for a document in place of one that was refused', async () => {
    const person = await anApplicant();
    await lookedInto(person, await sendDocument(person, { bytes: Buffer.from('no paper') }));

    await lookedInto(person, await sendDocument(person));
    const { body } = await person.get('/api/seller');

    expect(body['verifications']?.at(0)?.['documents']).toMatchObject([{ status: 'checked' }]);
  });
});

describe('adminVerification', () => {
  test('shows documents to staff for five minutes, and remembers who looked', async () => {
    const person = await anApplicant();
    await lookedInto(person, await sendDocument(person));
    const staff = await staffMember(world, ['sellers.verify', 'audit.read']);
    const { body: mine } = await person.get('/api/seller');
    const id = String(mine['verifications']?.at(0)?.['id']);

    const answer = await staff.get(`/api/admin/verifications/${id}`);
    const document = answer.body['verification']?.['documents']?.at(0);
    const read = await fetch(String(document?.['url']));
    const trail = await staff.get(`/api/admin/actions?target=${id}`);

    expect(Buffer.from(await read.arrayBuffer())).toEqual(PAPERS.pdf);
    expect(String(document?.['url'])).toContain('X-Goog-Expires=300');
    expect(trail.body['actions']).toMatchObject([{ action: 'sellers.read_documents' }]);
  });
});

describe('adminVerifications', () => {
  test('lists who waits, the longest first, and who needs a look', async () => {
    const [first, second] = [await anApplicant(), await anApplicant()];
    const staff = await staffMember(world, ['sellers.verify']);

    const all = await staff.get('/api/admin/verifications?status=draft&limit=100');
    const none = await staff.get('/api/admin/verifications');

    const people = [...(all.body['verifications'] ?? [])].map((one) => String(one['userId']));
    expect(people.slice(-2)).toEqual([first.id, second.id]);
    expect(all.body['verifications']?.at(0)).toMatchObject({ status: 'draft', needsLook: false });
    expect(all.body['verifications']?.at(0)).not.toHaveProperty('documents');
    expect(none.body['verifications']).toEqual([]);
  });
});

const put = (object: string, body: Uint8Array): Promise<void> =>
  writeObject({
    bucket: String(process.env['KYC_BUCKET']),
    object,
    contentType: 'application/pdf',
    body,
  });

async function folderOf(person: Person): Promise<string> {
  const { body } = await person.get('/api/seller');
  return `${person.id}/${String(body['verifications']?.at(0)?.['id'])}/`;
}
