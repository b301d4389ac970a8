import { z } from 'zod';
import { MAX_PASSWORD_BYTES } from '#platform/password.ts';
import { USERNAME } from './users.ts';

/** Names that would pass for the product, its staff, a place in a URL, or nobody. */
const RESERVED = new Set(
  `about abuse account accounts admin administrator api app auth billing bot contact deleted
  everyone explore feed help home info legal live login logout me mixillo mod moderator moderation
  news null official password payments postmaster privacy profile register root search security
  seller sellers settings shop signup staff status store support system team terms undefined upload
  user users verify verified wallet webmaster www`.split(/\s+/),
);

export const Username = z
  .string()
  .trim()
  .regex(USERNAME, '3 to 30 letters, digits, dots and underscores')
  .refine(
    (name) => !RESERVED.has(name.toLowerCase().replace(/^[._]+|[._]+$/g, '')),
    'this name is not available',
  );

/** Control characters and marks that reorder what stands around them have no place in stored text. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const INVISIBLE_BUT_LINES = /[^\P{Cc}\n]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * One line as a person wrote it. Text is stored as it is and never as markup: whoever shows it
 * escapes it for where it is shown.
 */
export const line = (max: number) =>
  z
    .string()
    .max(max * 4)
    .transform((text) => text.replace(INVISIBLE, ' ').replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(max));

/** Several lines, otherwise as `line`. */
export const paragraph = (max: number) =>
  z
    .string()
    .max(max * 4)
    .transform((text) => text.replace(/\r\n?/g, '\n').replace(INVISIBLE_BUT_LINES, '').trim())
    .pipe(z.string().max(max));

export const DisplayName = line(60).pipe(z.string().min(1));

/** A web address that is safe to put behind a link. */
export const WebAddress = z
  .string()
  .trim()
  .max(300)
  .pipe(z.url({ protocol: /^https?$/, hostname: z.regexes.domain }));

/** An email address in the one form it is stored and compared in. */
export const EmailAddress = z.string().trim().toLowerCase().max(254).pipe(z.email());

/** `en`, `pt-BR` */
export const Locale = z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}$/, 'a language tag');

/** bcrypt reads 72 bytes and no further, so a longer password is refused instead of cut. */
export const NewPassword = z
  .string()
  .min(8)
  .max(MAX_PASSWORD_BYTES)
  .refine((password) => Buffer.byteLength(password) <= MAX_PASSWORD_BYTES, {
    message: `at most ${MAX_PASSWORD_BYTES} bytes`,
  });

/** A password as given at sign-in: whatever once was accepted, and nothing that costs to read. */
export const GivenPassword = z.string().min(1).max(200);
