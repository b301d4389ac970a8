import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from '#build/discover.ts';
import { freePort } from '#local/child.ts';
import { callerOf } from '../support/caller.ts';
import { until } from '../support/uploads.ts';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

/** One deployed function as an instance runs it, and its address. */
async function anInstance(
  target: string,
  nodeOptions = '',
): Promise<{ instance: ChildProcess; url: string }> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const instance = spawn(process.execPath, [join(ROOT, 'functions/main.ts')], {
    env: { ...process.env, NODE_OPTIONS: nodeOptions, PORT: String(port), FUNCTION_TARGET: target },
    stdio: 'ignore',
  });
  await until(
    () =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    Boolean,
  );
  return { instance, url };
}

const newcomer = (number: number) => ({
  username: `drained_${number}`,
  email: `drained_${number}@example.com`,
  password: 'Password123!',
});

test('an instance that is told to end answers what is under way, and then ends', async () => {
  const { instance, url } = await anInstance('authRegister');
  const ended = once(instance, 'exit');
  const caller = callerOf(url);
  expect((await caller.post('/', newcomer(0))).status).toBe(201);

  const underway = [1, 2, 3, 4].map((number) =>
    caller.post('/api/auth/register', newcomer(number)),
  );
  // The third of them has hashed nothing yet when the first is answered.
  await Promise.race(underway);
  instance.kill('SIGTERM');

  const answers = await Promise.all(underway);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(await ended).toEqual([0, null]);
});

test('an instance in which something was thrown that nobody caught answers what is under way, and then ends', async () => {
  const stray = "process.on('SIGUSR2',()=>{throw(new(Error)('stray'))})";
  const { instance, url } = await anInstance(
    'authRegister',
    `--import=data:text/javascript,${stray}`,
  );
  const ended = once(instance, 'exit');
  const caller = callerOf(url);
  expect((await caller.post('/', newcomer(10))).status).toBe(201);

  const underway = [11, 12, 13].map((number) => caller.post('/', newcomer(number)));
  await Promise.race(underway);
  instance.kill('SIGUSR2');

  const answers = await Promise.all(underway);
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(await ended).toEqual([1, null]);
});

test('an instance knows only the paths and methods of its own target', async () => {
  const { instance, url } = await anInstance('pathContentIdLike');
  const ended = once(instance, 'exit');
  const caller = callerOf(url);
  const id = 'f'.repeat(24);

  const foreign = await caller.get('/api/content/feed');
  const wrong = await caller.put(`/${id}/like`);
  const unsigned = await caller.post(`/${id}/like`);
  instance.kill('SIGTERM');

  expect([foreign.status, wrong.status, unsigned.status]).toEqual([404, 405, 401]);
  expect(wrong.headers.get('allow')).toBe('POST, DELETE, OPTIONS');
  await ended;
});
