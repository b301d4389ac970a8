import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { config } from './config.ts';
import { InvalidToken, TokenExpired } from './problem.ts';

export const ACCESS_TOKEN_SECONDS = 3600;
export const REFRESH_TOKEN_SECONDS = 7 * 86_400;

const hexId = z.string().regex(/^[0-9a-f]{24}$/);
const AccessClaims = z.object({
  id: hexId,
  role: z.enum(['user', 'seller', 'admin']),
  sid: z.string(),
  jti: z.string(),
  exp: z.number(),
});
const RefreshClaims = z.object({ id: hexId, sid: z.string(), jti: z.string(), exp: z.number() });

export type AccessClaims = z.infer<typeof AccessClaims>;
export type RefreshClaims = z.infer<typeof RefreshClaims>;

const inSeconds = (now: Date): number => Math.floor(now.getTime() / 1000);

function sign(claims: object, secret: string, lifetimeSeconds: number, now: Date): string {
  const iat = inSeconds(now);
  return jwt.sign({ ...claims, iat, exp: iat + lifetimeSeconds }, secret, { algorithm: 'HS256' });
}

function verify<Claims>(token: string, secret: string, shape: z.ZodType<Claims>, now: Date) {
  try {
    const claims = jwt.verify(token, secret, {
      algorithms: ['HS256'],
      clockTimestamp: inSeconds(now),
    });
    return shape.parse(claims);
  } catch (cause) {
    if (cause instanceof jwt.TokenExpiredError) throw new TokenExpired({ cause });
    throw new InvalidToken({ cause });
  }
}

export const signAccessToken = (claims: Omit<AccessClaims, 'exp'>, now: Date): string =>
  sign(claims, config().JWT_SECRET, ACCESS_TOKEN_SECONDS, now);

/** The claims of an access token. Throws `TokenExpired` or `InvalidToken`. */
export const verifyAccessToken = (token: string, now: Date): AccessClaims =>
  verify(token, config().JWT_SECRET, AccessClaims, now);

export const signRefreshToken = (claims: Omit<RefreshClaims, 'exp'>, now: Date): string =>
  sign(claims, config().REFRESH_TOKEN_SECRET, REFRESH_TOKEN_SECONDS, now);

/** The claims of a refresh token. Throws `TokenExpired` or `InvalidToken`. */
export const verifyRefreshToken = (token: string, now: Date): RefreshClaims =>
  verify(token, config().REFRESH_TOKEN_SECRET, RefreshClaims, now);
