/** A partner's own server: takes webhooks, and answers as it is told. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Taken {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Partner {
  readonly url: string;
  /** What came, without challenges. */
  readonly taken: readonly Taken[];
  /** The status of every answer from now on; `location` for a redirect. */
  answer: { status: number; location?: string };
  /** Whether it repeats the word of a challenge. */
  welcomes: boolean;
  readonly close: () => Promise<void>;
}

export async function aPartner(): Promise<Partner> {
  const taken: Taken[] = [];
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    req.on('end', () => {
      const { challenge } = JSON.parse(text) as { challenge?: string };
      if (challenge !== undefined) {
        res.end(JSON.stringify({ challenge: partner.welcomes ? challenge : 'what?' }));
        return;
      }
      taken.push({ headers: req.headers, text });
      const { status, location } = partner.answer;
      res.writeHead(status, location === undefined ? {} : { location });
      res.end('thanks');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const partner: Partner = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    taken,
    answer: { status: 200 },
    welcomes: true,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return partner;
}
