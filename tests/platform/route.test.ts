import { describe, expect, test } from 'vitest';
import { bySpecificity, matchRoute, parseRoute } from '#platform/route.ts';

const match = (pattern: string, path: string) =>
  matchRoute(parseRoute(pattern), path.split('/').filter(Boolean));

describe('matchRoute', () => {
  test('finds the parameters of the path as hosting sees it', () => {
    expect(match('/api/content/:id/like', '/api/content/7/like')).toEqual({ id: '7' });
  });

  test('finds them behind the function’s own address', () => {
    expect(match('/api/content/:id/like', '/7/like')).toEqual({ id: '7' });
    expect(match('/api/content/feed', '/')).toEqual({});
  });

  test('knows no other path', () => {
    for (const path of ['/api/content/7', '/api/content/7/like/x', '/7', '/', '/api/posts/7/like'])
      expect(match('/api/content/:id/like', path)).toBeUndefined();
  });
});

describe('bySpecificity', () => {
  test('puts fixed segments before parameters', () => {
    const paths = [
      '/api/users/:id',
      '/api/users/me',
      '/api/users/:id/follow',
      '/api/users/me/relations',
    ];

    expect(paths.sort(bySpecificity)).toEqual([
      '/api/users/me/relations',
      '/api/users/:id/follow',
      '/api/users/me',
      '/api/users/:id',
    ]);
  });
});
