import { z } from 'zod';
import { TokenReused } from '#domain/auth/auth-problems.ts';
import { rotate, Tokens } from '#domain/auth/sessions.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AccountRestricted, InvalidToken, TokenExpired, UserNotFound } from '#platform/problem.ts';
import { perAddressShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Exchange a refresh token for new tokens; using one twice ends its session.',
  method: 'POST',
  path: '/api/auth/refresh',
  access: 'refresh',
  rateLimit: perAddressShared(60, 'minute'),
  body: z.object({ refreshToken: z.string().min(1).max(2000) }),
  output: Tokens,
  problems: [InvalidToken, TokenExpired, TokenReused, UserNotFound, AccountRestricted],

  handler: ({ body, request, now }) => rotate(body.refreshToken, request.address, now),
});
