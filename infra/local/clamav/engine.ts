import { mkdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, launch } from '#local/child.ts';
import type { Place, StartEngine } from '#local/engine.ts';
import { findProgram } from '#local/packages/install.ts';
import { EICAR } from './eicar.ts';

const STARTS_WITHIN_MS = 30_000;

/** Starts a real clamd whose signature database knows one thing: the harmless EICAR test file. */
export const startClamd: StartEngine = async (place) => {
  const clamd = findProgram('clamd');
  if (!clamd) throw new Error('clamd is not installed; the package is clamav-daemon.');

  const startedAt = performance.now();
  const port = await freePort();
  const configuration = await writeConfiguration(place, port);
  const child = launch({
    command: clamd,
    args: ['--config-file', configuration],
    logFile: place.logFile,
  });
  const version = await untilReady(port, child.exited).catch(async (problem: unknown) => {
    await child.stop();
    throw problem;
  });
  return {
    name: 'clamav',
    version,
    address: `127.0.0.1:${port}`,
    pid: child.pid,
    startedInMs: Math.round(performance.now() - startedAt),
    env: { CLAMD_URL: `tcp://127.0.0.1:${port}` },
    exited: child.exited,
    stop: child.stop,
  };
};

async function writeConfiguration({ dataDir }: Place, port: number): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const signature = Buffer.from(EICAR, 'latin1').toString('hex');
  await writeFile(join(dataDir, 'local.ndb'), `Eicar-Test-Signature:0:*:${signature}\n`);
  const file = join(dataDir, 'clamd.conf');
  const settings = [
    'Foreground yes',
    `DatabaseDirectory ${dataDir}`,
    `TemporaryDirectory ${dataDir}`,
    `TCPSocket ${port}`,
    'TCPAddr 127.0.0.1',
    // The database never changes, so there is nothing to look for.
    'SelfCheck 0',
    'MaxThreads 4',
    // The usual 25 MB would pass the rest of a large video unread.
    'StreamMaxLength 600M',
    'MaxFileSize 600M',
    'MaxScanSize 600M',
    'AlertExceedsMax yes',
    // It would decode pictures to compare them: minutes and a gigabyte for one made to hurt.
    'ScanImageFuzzyHash no',
  ];
  await writeFile(file, `${settings.join('\n')}\n`);
  return file;
}

async function untilReady(port: number, ended: Promise<string>): Promise<string> {
  let early: string | undefined;
  void ended.then((reason) => {
    early = reason;
  });
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (performance.now() < deadline) {
    if (early) throw new Error(`The virus scanner did not start: ${early}.`);
    const version = await ask(port, 'VERSION').catch(() => undefined);
    if (version) return version;
    await wait(20);
  }
  throw new Error(`The virus scanner did not answer within ${STARTS_WITHIN_MS / 1000} seconds.`);
}

const ask = (port: number, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 2_000 });
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text) => {
      answer += text;
    });
    socket.once('timeout', () => socket.destroy(new Error('clamd does not answer')));
    socket.once('error', reject);
    socket.once('end', () => resolve(answer.replaceAll('\0', '').trim()));
    socket.write(`z${command}\0`);
  });
