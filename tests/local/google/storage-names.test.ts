import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
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

describe('hostile names', () => {
  const names = [
    '../x',
    '../../../../etc/passwd',
    '%2e%2e/%2e%2e/y',
    'a/../../b',
    '/etc/z',
    'q?x#y',
  ];

  test.each(names)('%s is only a name', async (name) => {
    await things().file(name).save(`is ${name}`, { resumable: false });

    const [body] = await things().file(name).download();
    const [found] = await things().getFiles({ prefix: name });

    expect(body.toString()).toBe(`is ${name}`);
    expect(found.map((file) => file.name)).toEqual([name]);
  });

  test('cannot climb out of a public bucket', async () => {
    const paths = [
      '/public-things/..%2f..%2fcredentials/service-account.json',
      '/public-things/%2e%2e/private-things/a/small.txt',
      '/..%2f..%2fetc/passwd',
      '/public-things/%zz',
    ];

    const answers = await Promise.all(paths.map((path) => rawGet(local.engine.address, path)));

    expect(answers.filter((status) => status === 200)).toEqual([]);
    expect(answers.filter((status) => status >= 500)).toEqual([]);
  });

  test('that no object or bucket may have are refused', async () => {
    const dots = things().file('..').save('x', { resumable: false });
    await expect(dots).rejects.toMatchObject({ code: 400 });
    const long = things().file('x'.repeat(1025)).save('x', { resumable: false });
    await expect(long).rejects.toMatchObject({ code: 400 });
    const bucket = local.client.createBucket('../up');
    await expect(bucket).rejects.toMatchObject({ code: 400 });
  });

  /** `fetch` would tidy the path before sending it. */
  const rawGet = async (origin: string, path: string): Promise<number> => {
    const { hostname, port } = new URL(origin);
    const asking = request({ hostname, port, path }).end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode ?? 0;
  };
});
