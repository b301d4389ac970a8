import { expect, test } from 'vitest';
import { findProgram, installPackages, missingPackages } from '#local/packages/install.ts';

test('a machine that has everything is left alone, in silence', async () => {
  await installPackages(() => undefined);
  const lines: string[] = [];

  await installPackages((line) => lines.push(line));

  expect(missingPackages()).toEqual([]);
  expect(lines).toEqual([]);
});

test('programs of the system are found even where the path leaves them out', () => {
  expect(findProgram('clamd', '/nowhere')).toBe('/usr/sbin/clamd');
  expect(findProgram('no-such-program')).toBeUndefined();
});
