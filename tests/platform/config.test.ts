import { describe, expect, test } from 'vitest';
import { parseConfig } from '#platform/config.ts';

describe('parseConfig', () => {
  test('names every variable that is missing or malformed', () => {
    expect(() => parseConfig({ MONGODB_URI: 'http://x', JWT_SECRET: 'short' })).toThrow(
      /MONGODB_URI: must be a mongodb:\/\/ address[^]*JWT_SECRET: must have at least 32[^]*ABLY_API_KEY/,
    );
  });
});
