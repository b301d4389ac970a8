import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { runChild } from '#local/stand-in.ts';
import { Inbox, inboxPage } from './inbox.ts';

const MAX_LETTER_BYTES = 10 * 1024 * 1024;

runChild(async () => {
  const inbox = new Inbox();
  const smtp = smtpServer(inbox);
  const http = createServer((request, response) => show(request, response, inbox));
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  return {
    ready: { smtpPort: portOf(smtp.server), httpPort: portOf(http) },
    close: async () => {
      smtp.close();
      http.closeAllConnections();
      http.close();
    },
  };
});

const portOf = (server: Pick<Server, 'address'>): number => (server.address() as AddressInfo).port;

function smtpServer(inbox: Inbox): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    size: MAX_LETTER_BYTES,
    onAuth: (_auth, _session, done) => done(null, { user: 'anybody' }),
    onData: (stream, session, done) => {
      receive(stream, session, inbox).then(() => done(), done);
    },
  });
  server.on('error', (error) => console.error(error.message)); // A broken client is its own problem.
  return server;
}

async function receive(stream: SMTPServerDataStream, session: SMTPServerSession, inbox: Inbox) {
  const parsed = await simpleParser(stream, { skipImageLinks: true });
  if (stream.sizeExceeded) throw Object.assign(new Error('Too large'), { responseCode: 552 });
  inbox.add(
    parsed,
    session.envelope.rcptTo.map(({ address }) => address),
    new Date(),
  );
}

function show({ method, url }: IncomingMessage, response: ServerResponse, inbox: Inbox): void {
  const { pathname, searchParams } = new URL(url ?? '/', 'http://local');
  const to = searchParams.get('to');
  if (method === 'GET' && pathname === '/') {
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    });
    response.end(inboxPage(inbox.letters(to)));
    return;
  }
  if (pathname !== '/messages') return json(response, 404, { error: 'Not found' });
  if (method === 'GET') return json(response, 200, inbox.letters(to));
  if (method !== 'DELETE') return json(response, 405, { error: 'Method not allowed' });
  inbox.clear();
  response.writeHead(204).end();
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
