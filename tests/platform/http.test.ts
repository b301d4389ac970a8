import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({
    background: false,
    environment: { CORS_ORIGINS: 'https://app.mixillo.test', RATE_LIMIT_SCALE: '0.05' },
  });
});
afterAll(() => world.stop());

/** Sends bytes that no HTTP library would, and reads all that comes back. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(world.url).port), '127.0.0.1', () => socket.write(bytes));
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });

describe('the way of a request', () => {
  test('answers what is not HTTP with JSON', async () => {
    const answer = await raw('NONSENSE\r\n\r\n');

    expect(answer).toMatch(/^HTTP\/1\.1 400 .*application\/json.*"code":"malformed_request"/s);
  });

  test('answers an undecodable path, an unknown one and a missing function with JSON', async () => {
    const answers = await Promise.all(
      ['/api/%E0%A4%A', '/api/nowhere', '/functions/nobody', '/nowhere'].map((path) =>
        world.get(path),
      ),
    );

    expect(answers.map(({ status, body }) => [status, body['code']])).toEqual([
      [400, 'malformed_request'],
      [404, 'not_found'],
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
  });

  test('refuses a body above the limit that never said how long it is', async () => {
    const stream = new ReadableStream({
      start: (controller) => {
        for (let chunk = 0; chunk < 8; chunk += 1) controller.enqueue(new Uint8Array(64 * 1024));
        controller.close();
      },
    });
    const response = await fetch(`${world.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit);

    const { code } = (await response.json()) as { code: string };

    expect([response.status, code]).toEqual([413, 'too_large']);
  });

  test('lets listed origins read, and others not', async () => {
    const preflight = (origin: string) =>
      world.send('OPTIONS', '/api/auth/login', {
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const listed = await preflight('https://app.mixillo.test');
    const other = await preflight('https://evil.test');

    expect(listed.status).toBe(204);
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.mixillo.test');
    expect(listed.headers.get('access-control-allow-headers')).toContain('Idempotency-Key');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('gives every answer an id that errors repeat', async () => {
    const { headers, body } = await world.get('/api/users/me');

    expect(body['requestId']).toBe(headers.get('x-request-id'));
  });

  test('limits an address, whatever X-Forwarded-For says, and tells when to come back', async () => {
    const answers = [];
    for (let call = 0; call < 70; call += 1)
      answers.push(
        await world.get('/api/health', { headers: { 'x-forwarded-for': `10.0.0.${call}` } }),
      );
    const refused = answers.filter(({ status }) => status === 429);

    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.body['code']).toBe('rate_limited');
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
