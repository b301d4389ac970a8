import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startFirestore, startPubSub } from '#local/google/emulators.ts';
import { fakeServiceAccount } from '#local/google/service-account.ts';
import { aPlace, until } from './support.ts';

const environment = { ...process.env };
const started: Engine[] = [];

afterEach(async () => {
  Object.assign(process.env, environment);
  await Promise.all(started.splice(0).map((engine) => engine.stop()));
});

describe('an emulator', () => {
  test('says so when it ends by itself', async () => {
    const engine = await startPubSub(await aPlace());

    process.kill(engine.pid ?? 0, 'SIGKILL');

    expect(await engine.exited).toMatch(/ended \(SIGKILL\); its last words: /);
  }, 90_000);

  test('is gone after a stop, which is no crash', async () => {
    const engine = await startFirestore(await aPlace());
    started.push(engine);
    let crashed = false;
    void engine.exited.then(() => {
      crashed = true;
    });

    await engine.stop();

    await expect(fetch(`http://${engine.address}/`)).rejects.toThrow();
    expect(crashed).toBe(false);
  }, 90_000);

  test('does not outlive the process that started it, even when that is killed', async () => {
    const { dataDir, logFile } = await aPlace();
    const script = `
      const { startStorage } = await import('#local/google/storage/start.ts');
      const { startPubSub } = await import('#local/google/emulators.ts');
      const place = ${JSON.stringify({ dataDir, logFile, publicUrl: '' })};
      const engines = await Promise.all([startStorage(place), startPubSub(place)]);
      console.log(engines.map(({ pid }) => pid).join(' '));
      process.kill(process.pid, 'SIGKILL');
    `;
    const { stdout } = runKilled(script);

    const pids = stdout.trim().split(' ').map(Number);

    expect(pids).toHaveLength(2);
    await until(() => pids.every((pid) => !isAlive(pid)));
  }, 90_000);

  test('names what to install when Java or the emulator is missing', async () => {
    const place = await aPlace();
    process.env['PATH'] = '/nowhere';
    process.env['JAVA_HOME'] = '/nowhere';

    await expect(startPubSub(place)).rejects.toThrow('apt-get install -y openjdk-17-jre-headless');
  });
});

function runKilled(script: string): { stdout: string } {
  try {
    const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { stdout };
  } catch (killed) {
    return killed as { stdout: string };
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the fake service account', () => {
  test('keeps its key', async () => {
    const { dataDir } = await aPlace();

    const made = await fakeServiceAccount(dataDir);
    const again = await fakeServiceAccount(dataDir);

    expect(existsSync(made.path)).toBe(true);
    expect(again).toEqual(made);
    expect(made.publicKeyPem).toContain('BEGIN PUBLIC KEY');
  });
});
