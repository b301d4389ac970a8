import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '#local/engine.ts';
import { startMail } from '#local/mail/engine.ts';
import { sendMail } from '#platform/mail.ts';
import { aPlace, completeEnvironment } from '../support/place.ts';

const place = aPlace();
let engine: Engine;

beforeAll(async () => {
  engine = await startMail(place);
  Object.assign(process.env, completeEnvironment, engine.env);
});
beforeEach(async () => {
  await fetch(`${engine.address}/messages`, { method: 'DELETE' });
});
afterAll(async () => {
  await engine.stop();
  place.remove();
});

const letters = async () => (await fetch(`${engine.address}/messages`)).json();
const letter = { to: 'alice@mixillo.test', subject: 'Hello', text: 'Text', messageId: 'evt-1' };

describe('sendMail', () => {
  test('delivers text and HTML from our address under the id of the event', async () => {
    await sendMail({ ...letter, html: '<p>Text</p>' });

    expect(await letters()).toMatchObject([
      {
        to: 'alice@mixillo.test',
        from: '"Mixillo" <no-reply@mixillo.app>',
        subject: 'Hello',
        html: '<p>Text</p>',
        messageId: '<evt-1@mixillo.app>',
      },
    ]);
  });

  test('sends many at once', async () => {
    const each = Array.from({ length: 20 }, (_, n) =>
      sendMail({ ...letter, messageId: `evt-${n}` }),
    );

    await Promise.all(each);

    expect(await letters()).toHaveLength(20);
  });

  test('never lets a subject add a header', async () => {
    await sendMail({ ...letter, subject: 'Hi\r\nBcc: eve@evil.test\r\n\r\nBody' });

    expect(await letters()).toMatchObject([
      { to: 'alice@mixillo.test', subject: 'Hi Bcc: eve@evil.test Body', text: 'Text\n' },
    ]);
  });

  test.each([
    'alice@mixillo.test, eve@evil.test',
    'alice@mixillo.test\r\nBcc: eve@evil.test',
    'Eve <eve@evil.test>',
    'nobody',
  ])('refuses %j as an address', async (to) => {
    await expect(sendMail({ ...letter, to })).rejects.toThrow(TypeError);
    expect(await letters()).toEqual([]);
  });

  test('throws when nobody takes the letter', async () => {
    await engine.stop();
    await expect(sendMail(letter)).rejects.toThrow();
  });
});
