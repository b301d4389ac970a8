import { once } from 'node:events';
import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { EICAR } from '#local/clamav/eicar.ts';
import { startClamd } from '#local/clamav/engine.ts';
import { makeClip } from '#local/clips/clips.ts';
import type { Engine } from '#local/engine.ts';
import { ScanFailed, scanFile } from '#platform/scanner.ts';
import { aPlace, completeEnvironment } from '../support/place.ts';

const place = aPlace();
const at = (name: string) => join(place.dataDir, name);
let clamd: Engine;

/** Stands between the product and clamd, so that the line can be cut as lines are. */
const line = createServer((socket) => behave(socket));
let behave: (socket: Socket) => void;
const throughToClamd = (socket: Socket) => {
  const { hostname, port } = new URL(clamd.env['CLAMD_URL'] ?? '');
  const scanner = createConnection(Number(port), hostname);
  socket.pipe(scanner).pipe(socket);
  for (const end of [socket, scanner]) end.on('error', () => end.destroy());
};

beforeAll(async () => {
  clamd = await startClamd(place);
  line.listen(0, '127.0.0.1');
  await once(line, 'listening');
  const { port } = line.address() as AddressInfo;
  Object.assign(process.env, completeEnvironment, { CLAMD_URL: `tcp://127.0.0.1:${port}` });
});
beforeEach(() => {
  behave = throughToClamd;
});
afterAll(async () => {
  line.close();
  await clamd.stop();
  place.remove();
});

describe('the virus scanner', () => {
  test('lets a clean video pass', async () => {
    await makeClip({ path: at('clean.mp4'), seconds: 1, width: 64, height: 96, fps: 10 });

    expect(await scanFile(at('clean.mp4'))).toEqual({ clean: true });
  });

  test('finds what hides behind the end of a video', async () => {
    await makeClip({ path: at('infected.mp4'), seconds: 1, width: 64, height: 96, fps: 10 });
    await appendFile(at('infected.mp4'), EICAR);

    expect(await scanFile(at('infected.mp4'))).toEqual({
      clean: false,
      signature: 'Eicar-Test-Signature',
    });
  });

  test('reads large files to their end', async () => {
    await writeFile(at('large'), '');
    await truncate(at('large'), 60_000_000);
    await appendFile(at('large'), EICAR);

    expect(await scanFile(at('large'))).toMatchObject({ clean: false });
  });

  test('answers many at once', async () => {
    await writeFile(at('small'), 'nothing to see');
    await writeFile(at('bad'), EICAR);

    const verdicts = await Promise.all(
      Array.from({ length: 12 }, (_, index) => scanFile(at(index % 2 ? 'bad' : 'small'))),
    );

    expect(verdicts.map(({ clean }) => clean)).toEqual(Array(6).fill([true, false]).flat());
  });
});

describe('without a verdict nothing passes', () => {
  const answering =
    (text: string, after = 0) =>
    (socket: Socket) => {
      let seen = 0;
      socket.on('error', () => socket.destroy());
      socket.on('data', (bytes) => {
        seen += bytes.length;
        if (seen > after) socket.end(text);
      });
    };

  beforeAll(async () => {
    await writeFile(at('file'), 'x'.repeat(3_000_000));
  });

  test.each([
    ['hangs up', (socket: Socket) => socket.destroy()],
    ['hangs up in the middle', answering('', 500_000)],
    ['refuses the size', answering('INSTREAM size limit exceeded. ERROR\0', 100_000)],
    [
      'stops at its limits',
      answering('stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0', 3_000_000),
    ],
    ['praises a part', answering('stream: OK\0', 10_000)],
    ['is cut off in mid-sentence', answering('stream: OK', 3_000_000)],
    ['talks nonsense', answering('good morning\0', 3_000_000)],
  ])('when the scanner %s', async (_, behaviour) => {
    behave = behaviour;

    await expect(scanFile(at('file'))).rejects.toBeInstanceOf(ScanFailed);
  });

  test('when the file cannot be read', async () => {
    await expect(scanFile(at('missing'))).rejects.toBeInstanceOf(ScanFailed);
  });

  test('when nobody is there', async () => {
    line.close();
    await once(line, 'close');

    await expect(scanFile(at('file'))).rejects.toBeInstanceOf(ScanFailed);
  });
});
