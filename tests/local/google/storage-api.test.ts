import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aStorage, type LocalStorage } from './support.ts';

let local: LocalStorage;

beforeAll(async () => {
  local = await aStorage();
  await local.declare('private-things', {});
  await local.declare('public-things', { public: true });
}, 60_000);

afterAll(() => local.engine.stop());

const things = () => local.client.bucket('private-things');
const open = () => local.client.bucket('public-things');
const mebibyte = 1024 * 1024;

describe('the JSON API, through the real client', () => {
  test('stores small objects in one request and large ones in chunks', async () => {
    const large = randomBytes(3 * mebibyte + 17);
    await things()
      .file('a/small.txt')
      .save('hello', { resumable: false, contentType: 'text/plain' });
    await things().file('a/large.bin').save(large, { chunkSize: mebibyte });

    const [small] = await things().file('a/small.txt').download();
    const [back] = await things().file('a/large.bin').download();
    const [metadata] = await things().file('a/small.txt').getMetadata();

    expect(small.toString()).toBe('hello');
    expect(back.equals(large)).toBe(true);
    expect(metadata).toMatchObject({
      contentType: 'text/plain',
      size: '5',
      md5Hash: 'XUFAKrxLKna5cZ2REBfFkg==',
      crc32c: 'mnG7TA==',
      metageneration: '1',
    });
  });

  test('reads ranges', async () => {
    await things().file('range').save('0123456789', { resumable: false });

    const [middle] = await things().file('range').download({ start: 2, end: 4 });

    expect(middle.toString()).toBe('234');
  });

  test('lists by prefix and delimiter, page by page', async () => {
    const names = ['list/a', 'list/b/1', 'list/b/2', 'list/c', 'list/d/1'];
    await Promise.all(names.map((name) => things().file(name).save('x', { resumable: false })));

    const [all] = await things().getFiles({ prefix: 'list/', maxResults: 2 });
    const [paged] = await things().getFiles({ prefix: 'list/', autoPaginate: true });
    const [, , level] = await things().getFiles({
      prefix: 'list/',
      delimiter: '/',
      autoPaginate: false,
    });

    expect(all.map(({ name }) => name)).toEqual(['list/a', 'list/b/1']);
    expect(paged.map(({ name }) => name)).toEqual(names);
    expect(level).toMatchObject({ prefixes: ['list/b/', 'list/d/'] });
  });

  test('shows every name once when pages end inside a folder', async () => {
    const seen: string[] = [];
    let pageToken: string | undefined = '';
    do {
      const query = `prefix=list/&delimiter=/&maxResults=1&pageToken=${pageToken}`;
      const response = await fetch(
        `${local.engine.address}/storage/v1/b/private-things/o?${query}`,
      );
      const page = (await response.json()) as Page;
      seen.push(...(page.items ?? []).map(({ name }) => name), ...(page.prefixes ?? []));
      pageToken = page.nextPageToken;
    } while (pageToken !== undefined);

    expect(seen).toEqual(['list/a', 'list/b/', 'list/c', 'list/d/']);
  });

  interface Page {
    readonly items?: readonly { readonly name: string }[];
    readonly prefixes?: readonly string[];
    readonly nextPageToken?: string;
  }

  test('composes, copies, moves and deletes', async () => {
    await things().file('part/1').save('one ', { resumable: false, contentType: 'text/plain' });
    await things().file('part/2').save('two', { resumable: false });

    await things().combine(['part/1', 'part/2'], 'whole');
    await things().file('whole').copy(open().file('copied'));
    await things().file('part/2').move('part/3');
    await things().file('part/1').delete();

    const [whole] = await things().file('whole').download();
    const [copied] = await open().file('copied').download();
    const [left] = await things().getFiles({ prefix: 'part/' });
    const [metadata] = await things().file('whole').getMetadata();
    expect([whole.toString(), copied.toString()]).toEqual(['one two', 'one two']);
    expect(left.map(({ name }) => name)).toEqual(['part/3']);
    expect(metadata).toMatchObject({ componentCount: 2, contentType: 'text/plain' });
  });

  test('changes metadata without touching the bytes', async () => {
    const file = things().file('described');
    await file.save('x', { resumable: false, metadata: { metadata: { a: '1', b: '2' } } });

    await file.setMetadata({ cacheControl: 'no-store', metadata: { a: null, c: '3' } });

    const [after] = await file.getMetadata();
    expect(after).toMatchObject({ cacheControl: 'no-store', metageneration: '2', size: '1' });
    expect(after.metadata).toEqual({ b: '2', c: '3' });
  });

  test('holds writers to their preconditions', async () => {
    const file = things().file('guarded');
    await file.save('1', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    const [{ generation = '' }] = await file.getMetadata();

    const again = file.save('2', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(again).rejects.toMatchObject({ code: 412 });
    const meta = file.setMetadata({ cacheControl: 'x' }, { ifMetagenerationMatch: 7 });
    await expect(meta).rejects.toMatchObject({ code: 412 });
    await file.save('3', {
      resumable: false,
      preconditionOpts: { ifGenerationMatch: Number(generation) },
    });
    const stale = things().file('guarded', { generation }).download();
    await expect(stale).rejects.toMatchObject({ code: 404 });
    expect(`${(await file.download())[0]}`).toBe('3');
  });

  test('lets exactly one of many racing creators win', async () => {
    const attempts = Array.from({ length: 12 }, (_, index) =>
      things()
        .file('race')
        .save(`${index}`, {
          resumable: index % 2 === 0,
          preconditionOpts: { ifGenerationMatch: 0 },
        }),
    );

    const outcomes = await Promise.all(
      attempts.map((attempt) =>
        attempt.then(
          () => 'won',
          ({ code }: { code: unknown }) => Number(code),
        ),
      ),
    );

    expect(outcomes.sort()).toEqual([...Array.from({ length: 11 }, () => 412), 'won']);
  });

  test('refuses bytes that are not those the sender summed', async () => {
    const url = `${local.engine.address}/upload/storage/v1/b/private-things/o?uploadType=media&name=summed`;

    const response = await fetch(url, {
      method: 'POST',
      headers: { 'x-goog-hash': 'crc32c=AAAAAA==' },
      body: 'hello',
    });

    expect(response.status).toBe(400);
    expect(await things().file('summed').exists()).toEqual([false]);
  });

  test('makes a bucket public by its policy', async () => {
    await local.client.createBucket('policy-things');
    const bucket = local.client.bucket('policy-things');
    await bucket.file('x').save('seen', { resumable: false });
    const before = await fetch(`${local.engine.address}/policy-things/x`);

    const [policy] = await bucket.iam.getPolicy();
    const bindings = [{ role: 'roles/storage.objectViewer', members: ['allUsers'] }];
    await bucket.iam.setPolicy({ ...policy, bindings });

    const after = await fetch(`${local.engine.address}/policy-things/x`);
    expect([before.status, after.status]).toEqual([403, 200]);
  });
});
