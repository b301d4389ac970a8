import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runTool, ToolFailed } from '#platform/ffmpeg-process.ts';

let dir: string;
beforeAll(async () => {
  process.env['JWT_SECRET'] = 'known to nobody but us';
  dir = await mkdtemp(join(tmpdir(), 'tool-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('a tool', () => {
  const plenty = { seconds: 60, memoryBytes: 3e9, fileBytes: 1e9 };
  const endless = ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=r=1000', '-f', 'null', '-'];

  test('is ended when its time is over', async () => {
    await expect(runTool('ffmpeg', endless, { ...plenty, seconds: 0.5 })).rejects.toMatchObject({
      name: 'ToolFailed',
      timedOut: true,
    });
  });

  test('runs under limits that the kernel keeps', async () => {
    const told = await runTool('sh', ['-c', 'ulimit -v; ulimit -t; ulimit -c'], {
      ...plenty,
      memoryBytes: 512 * 1024 * 1024,
      seconds: 10,
    });

    expect(told.trim().split('\n')).toEqual([String(512 * 1024), '40', '0']);
  });

  test('knows nothing of our environment', async () => {
    const told = await runTool('env', [], plenty);

    expect(told).not.toContain('known to nobody');
  });

  test('cannot write more than allowed', async () => {
    const raw = [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=d=9',
      '-f',
      'rawvideo',
      join(dir, 'raw'),
    ];

    await expect(runTool('ffmpeg', raw, { ...plenty, fileBytes: 1e6 })).rejects.toBeInstanceOf(
      ToolFailed,
    );
  });

  test('that is not installed is our fault and not the upload’s', async () => {
    const problem = await runTool('no-such-tool', [], plenty).catch((cause: unknown) => cause);

    expect(problem).toBeInstanceOf(Error);
    expect(problem).not.toBeInstanceOf(ToolFailed);
  });
});
