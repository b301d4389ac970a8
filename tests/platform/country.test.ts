import { expect, test } from 'vitest';
import { Country } from '#platform/country.ts';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('');
const known = LETTERS.flatMap((one) => LETTERS.map((other) => one + other)).filter(
  (code) => Country.safeParse(code).success,
);

test('knows the 249 countries of the standard, and all of them have a name', () => {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

  expect(known).toHaveLength(249);
  expect(known.filter((code) => names.of(code) === undefined)).toEqual([]);
});

test('reads lower case, and refuses what only looks like a country', () => {
  expect(Country.parse(' de ')).toBe('DE');
  for (const code of ['EU', 'UK', 'UN', 'XX', 'D', 'DEU', ''])
    expect(Country.safeParse(code).success).toBe(false);
});
