import { describe, expect, test } from 'vitest';
import { networkOf } from '#domain/auth/sessions.ts';

describe('networkOf', () => {
  test.each([
    ['203.0.113.77', '203.0.113.0/24'],
    ['::ffff:203.0.113.77', '203.0.113.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['unknown', 'unknown'],
  ])('keeps of %s only %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
