import type { Transporter } from 'nodemailer';
import { config } from './config.ts';

export interface Mail {
  /** One bare address: no name, no list. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** The event's id. It becomes the Message-ID, so that a repeat is recognisable. */
  readonly messageId: string;
}

const TIMEOUT_MS = 10_000;

/**
 * Hands one letter to the mail server. Throws when it was not accepted within some ten seconds a
 * step; sending again gives the letter the same Message-ID.
 */
export async function sendMail({ to, subject, text, html, messageId }: Mail): Promise<void> {
  const { MAIL_FROM } = config();
  if (!/^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/.test(to))
    throw new TypeError('Not one mail address');
  if (!/^[\w.:-]+$/.test(messageId))
    throw new TypeError('A message id holds letters, digits and .:-_');
  const host = /@([\w.-]+)/.exec(MAIL_FROM)?.[1] ?? 'localhost';
  const transport = await mailServer();
  await transport.sendMail({
    from: MAIL_FROM,
    to: { name: '', address: to },
    subject: subject.replace(/\s+/g, ' '),
    text,
    ...(html === undefined ? {} : { html }),
    messageId: `<${messageId}@${host}>`,
  });
}

let connecting: Promise<Transporter> | undefined;

const mailServer = (): Promise<Transporter> => (connecting ??= connect());

async function connect(): Promise<Transporter> {
  const { createTransport } = await import('nodemailer');
  return createTransport({
    url: config().SMTP_URL,
    pool: true,
    maxConnections: 2,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    // A letter's content never makes the server read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
