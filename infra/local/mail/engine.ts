import { join } from 'node:path';
import { startChild } from '#local/stand-in.ts';
import type { StartEngine } from '../engine.ts';

/** Starts a mail server that delivers nothing and shows everything it was given. */
export const startMail: StartEngine = (place) =>
  startChild({
    name: 'mail',
    version: 'sink on smtp-server 3.21',
    entry: join(import.meta.dirname, 'server.ts'),
    place,
    settings: {},
    describe: ({ smtpPort, httpPort }) => {
      const address = `http://127.0.0.1:${httpPort}`;
      return { address, env: { SMTP_URL: `smtp://127.0.0.1:${smtpPort}`, MAIL_SINK_URL: address } };
    },
  });
