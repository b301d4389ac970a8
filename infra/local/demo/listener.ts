import { Realtime } from 'ably';

export interface Heard {
  readonly channel: string;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Access {
  readonly token: string;
  readonly endpoint?: string | undefined;
}

/** Listens as a mobile client does, with the vendor's own library and a token of ours. */
export async function listen({ token, endpoint }: Access, channels: readonly string[]) {
  const address = new URL(endpoint ?? 'https://main.realtime.ably.net');
  const client = new Realtime({
    token,
    endpoint: address.hostname,
    ...(address.port && { port: Number(address.port) }),
    tls: address.protocol === 'https:',
    fallbackHosts: [],
    disableConnectivityCheck: true,
    logLevel: 0,
  });
  const heard: Heard[] = [];
  for (const channel of channels)
    await client.channels.get(channel).subscribe(({ name, data }) => {
      heard.push({
        channel,
        name: name ?? '',
        data: typeof data === 'string' ? JSON.parse(data) : data,
      });
    });
  return { heard, close: () => client.close() };
}
