import { createHash, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { badRequest, Refusal } from './refusal.ts';

/** Who may sign: the one service account this stack has. */
export interface Signer {
  readonly email: string;
  readonly publicKeyPem: string;
}

const sevenDaysSeconds = 7 * 24 * 3600;
const clockSkewMs = 15 * 60_000;

const mismatch = () =>
  new Refusal(
    403,
    'SignatureDoesNotMatch',
    'forbidden',
    'The request signature we calculated does not match the signature you provided. Check your Google secret key and signing method.',
  );

const malformedHeader = (name: string, what: string) =>
  new Refusal(
    400,
    'MalformedSecurityHeader',
    'invalid',
    'Your request has a malformed header.',
    `${name}: ${what}`,
  );

/** Verifies a V4 signed URL (GOOG4-RSA-SHA256). Throws what Cloud Storage answers. */
export function demandSignature(
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
  signer: Signer,
): void {
  const need = (name: string) => {
    const value = query.get(name);
    if (value === null || value === '')
      throw badRequest(`Missing ${name}.`, 'AuthorizationQueryParametersError');
    return value;
  };
  const signature = need('X-Goog-Signature');
  const date = need('X-Goog-Date');
  const [email, ...scopeParts] = need('X-Goog-Credential').split('/');
  const scope = scopeParts.join('/');
  if (need('X-Goog-Algorithm') !== 'GOOG4-RSA-SHA256' || email !== signer.email) throw mismatch();
  if (scope !== `${date.slice(0, 8)}/auto/storage/goog4_request`) throw mismatch();
  demandTime(date, need('X-Goog-Expires'));
  const signed = need('X-Goog-SignedHeaders').split(';');
  demandSignedHeaders(request, signed);
  const valid = hostsOf(request).some((host) => {
    const headers = signed.map((name) => {
      const value = name === 'host' ? host : `${request.headers[name] ?? ''}`;
      return `${name}:${value.trim().replace(/\s{2,}/g, ' ')}\n`;
    });
    const payload = request.headers['x-goog-content-sha256'] ?? 'UNSIGNED-PAYLOAD';
    const canonical = [
      request.method,
      path,
      canonicalQuery(query),
      headers.join(''),
      signed.join(';'),
      payload,
    ].join('\n');
    const hash = createHash('sha256').update(canonical).digest('hex');
    return verify(
      'RSA-SHA256',
      Buffer.from(['GOOG4-RSA-SHA256', date, scope, hash].join('\n')),
      signer.publicKeyPem,
      Buffer.from(signature, 'hex'),
    );
  });
  if (!valid) throw mismatch();
}

function demandTime(date: string, expires: string): void {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date);
  const seconds = Number(expires);
  if (parts === null || !(seconds >= 1 && seconds <= sevenDaysSeconds)) {
    throw badRequest('X-Goog-Expires must be 1 to 604800 seconds after a valid X-Goog-Date.');
  }
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const from = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
  const until = from + seconds * 1000;
  if (Date.now() > until) {
    throw new Refusal(
      400,
      'ExpiredToken',
      'invalid',
      'The provided token has expired.',
      `Request signature expired at: ${new Date(until).toISOString()}`,
    );
  }
  if (from > Date.now() + clockSkewMs) {
    throw new Refusal(403, 'AccessDenied', 'forbidden', 'Access denied.', 'Not yet valid.');
  }
}

/** Headers that change what a request does must be signed; signed headers must be there. */
function demandSignedHeaders({ headers }: IncomingMessage, signed: readonly string[]): void {
  if (!signed.includes('host')) throw malformedHeader('host', 'The host header must be signed.');
  for (const name of signed) {
    if (headers[name] === undefined) {
      throw malformedHeader(name, 'Header was included in signedheaders, but not in the request.');
    }
  }
  for (const name of Object.keys(headers)) {
    if (name.startsWith('x-goog-') && !signed.includes(name)) {
      throw malformedHeader(name, 'Header was in the request, but not in signedheaders.');
    }
  }
}

/** The client library signs the host without its port; other signers sign it with the port. */
function hostsOf({ headers }: IncomingMessage): readonly string[] {
  const host = headers.host ?? '';
  return [host, host.replace(/:\d+$/, '')];
}

const strict = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Goog-Signature')
    .map(([name, value]) => [strict(name), strict(value)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}
