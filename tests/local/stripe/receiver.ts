import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';

export interface Notice {
  readonly raw: Buffer;
  readonly headers: IncomingHttpHeaders;
  readonly event: Stripe.Event;
}

/** The product's end of the callbacks: keeps what arrives and answers what it is told to. */
export async function aReceiver() {
  const notices: Notice[] = [];
  const answers: number[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    notices.push({ raw, headers: request.headers, event: JSON.parse(raw.toString()) });
    response.writeHead(answers.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/api/payments/webhooks/stripe`,
    publicUrl: `http://127.0.0.1:${port}`,
    notices,
    /** The statuses of the next answers; afterwards every notice is taken. */
    answerWith: (...statuses: number[]) => answers.push(...statuses),
    about: (id: string, type?: string) =>
      notices.filter(({ event }) => {
        const about = event.data.object as { id?: string };
        return about.id === id && (!type || event.type === type);
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

export const stripeClient = (key: string, address: string): Stripe => {
  const { hostname, port } = new URL(address);
  return new Stripe(key, {
    host: hostname,
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });
};
