import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startMail } from '#local/mail/engine.ts';
import { aPlace } from '../../support/place.ts';

const place = aPlace();
let engine: Engine;

beforeAll(async () => {
  engine = await startMail(place);
});
beforeEach(async () => {
  await fetch(`${engine.address}/messages`, { method: 'DELETE' });
});
afterAll(async () => {
  await engine.stop();
  place.remove();
});

const send = (letter: object) =>
  createTransport(engine.env['SMTP_URL']).sendMail({ from: 'shop@mixillo.test', ...letter });
const letters = async (to = '') =>
  (await fetch(`${engine.address}/messages?to=${to}`)).json() as Promise<Record<string, unknown>[]>;

describe('the mail sink', () => {
  test('shows a letter with its links to whoever asks for its recipient', async () => {
    await send({
      to: 'alice@mixillo.test',
      subject: 'Grüße',
      text: 'Verify: http://127.0.0.1:8080/verify?token=abc&x=1.',
      html: '<a href="http://127.0.0.1:8080/verify?token=abc&amp;x=1">Verify</a>',
    });
    await send({ to: 'bob@mixillo.test', subject: 'Other', text: 'Nothing' });

    expect(await letters('ALICE@mixillo.test')).toMatchObject([
      {
        to: 'alice@mixillo.test',
        from: 'shop@mixillo.test',
        subject: 'Grüße',
        links: ['http://127.0.0.1:8080/verify?token=abc&x=1'],
      },
    ]);
    expect(await letters()).toHaveLength(2);
  });

  test('shows hostile letters as text', async () => {
    await send({ to: 'a@b.test', subject: '<script>alert(1)</script>', text: '<img onerror=x>' });

    const page = await (await fetch(engine.address)).text();

    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<img');
  });

  test('forgets everything when told to', async () => {
    await send({ to: 'a@b.test', subject: 'x', text: 'y' });

    const { status } = await fetch(`${engine.address}/messages`, { method: 'DELETE' });

    expect(status).toBe(204);
    expect(await letters()).toEqual([]);
  });

  test('survives a client that speaks nonsense', async () => {
    const { hostname, port } = new URL(engine.env['SMTP_URL'] ?? '');
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('\0\x01nonsense\r\nDATA\r\n');
    socket.once('data', () => socket.resetAndDestroy());
    await closed;

    await send({ to: 'a@b.test', subject: 'still here', text: 'y' });

    expect(await letters()).toMatchObject([{ subject: 'still here' }]);
  });

  test('says by name that it ended unasked', async () => {
    const other = await startMail(place);

    process.kill(other.pid ?? 0, 'SIGKILL');

    expect(await other.exited).toMatch(/^mail ended \(SIGKILL\)/);
  });
});
