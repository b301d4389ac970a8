import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended, upload } from '../../support/uploads.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
let dir: string;
beforeAll(async () => {
  world = await startWorld();
  dir = await mkdtemp(join(tmpdir(), 'mixillo-avatar-'));
});
afterAll(async () => {
  await world?.stop();
  await rm(dir, { recursive: true, force: true });
});

async function aPicture(): Promise<string> {
  const path = join(dir, 'face.jpg');
  const ffmpeg = process.env['FFMPEG_PATH'] ?? 'ffmpeg';
  const picture = ['-f', 'lavfi', '-i', 'testsrc=size=320x320', '-frames:v', '1', '-y', path];
  await promisify(execFile)(ffmpeg, ['-loglevel', 'error', ...picture]);
  return path;
}

describe('usersUpdateMe', () => {
  test('shows a ready picture of one’s own, and takes it away again', async () => {
    const alice = await world.person('alice');
    const mallory = await world.person('mallory');
    const assetId = await upload(alice, await aPicture(), {
      purpose: 'avatar',
      mime: 'image/jpeg',
    });
    expect((await ended(alice, assetId))['status']).toBe('ready');

    const stolen = await mallory.put('/api/users/me', { avatarAssetId: assetId });
    const { status } = await alice.put('/api/users/me', { avatarAssetId: assetId });

    expect([stolen.status, status]).toEqual([404, 200]);
    const shown = await mallory.get(`/api/users/${alice.id}`);
    const { avatar } = (shown.body as unknown as { user: { avatar: string } }).user;
    const picture = await fetch(avatar);
    expect(picture.headers.get('content-type')).toMatch(/^image\//);
    const cleared = await alice.put('/api/users/me', { avatarAssetId: null });
    expect(cleared.body).toMatchObject({ user: { avatar: null } });
  }, 300_000);
});
