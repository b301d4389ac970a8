import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EICAR } from '#local/clamav/eicar.ts';
import { startClamd } from '#local/clamav/engine.ts';
import { aPlace } from '../../support/place.ts';

test('the test virus is the one that scanners agreed on', () => {
  expect(createHash('sha256').update(EICAR).digest('hex')).toBe(
    '275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f',
  );
});

test('clamd says what it is, and is gone when it is stopped', async () => {
  const place = aPlace();
  const clamd = await startClamd(place);

  expect(clamd.version).toMatch(/^ClamAV \d+\.\d+/);
  expect(clamd.env).toEqual({ CLAMD_URL: `tcp://${clamd.address}` });
  expect(existsSync(`/proc/${clamd.pid}`)).toBe(true);

  await clamd.stop();
  expect(existsSync(`/proc/${clamd.pid}`)).toBe(false);
  place.remove();
});

test('clamd that ends by itself is reported', async () => {
  const place = aPlace();
  const clamd = await startClamd(place);

  process.kill(clamd.pid ?? 0, 'SIGKILL');

  expect(await clamd.exited).toContain('SIGKILL');
  await clamd.stop();
  place.remove();
});
