import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns';
import { request as requestPlainly } from 'node:http';
import { type RequestOptions, request as requestSecurely } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { config } from './config.ts';

/** An address that a stranger gave us and that we do not call: not public, or not as we call. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** The other side did not answer in time, or not at all. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Networks that are not the public internet: our own machines, our cloud's metadata, nobody's. */
const PRIVATE: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
];

const PORTS = ['', '443', '8443'];

const listOf = (networks: readonly (readonly [string, number])[]): BlockList => {
  const list = new BlockList();
  for (const [network, prefix] of networks)
    list.addSubnet(network, prefix, isIP(network) === 6 ? 'ipv6' : 'ipv4');
  return list;
};

const forbidden = listOf(PRIVATE);
let allowed: BlockList | undefined;

/** Private networks that are trusted all the same, as the environment names them. */
const trusted = (): BlockList =>
  (allowed ??= listOf(
    config().WEBHOOK_TRUSTED_NETWORKS.map((network) => {
      const [address = '', prefix = '32'] = network.split('/');
      return [address, Number(prefix)] as const;
    }),
  ));

const inList = (list: BlockList, address: string): boolean =>
  list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** An IPv4 address that is written as an IPv6 one is judged as what it is. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

const isTrusted = (address: string): boolean => inList(trusted(), plain(address));
const mayCall = (address: string): boolean =>
  isTrusted(address) || !inList(forbidden, plain(address));

/**
 * Reads an address that a stranger gave us. Throws `AddressRefused` unless it is https on a usual
 * port, without credentials, and no literal of a private network. Names are judged when they are
 * resolved, at every call: what they resolve to can change.
 */
export function publicAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || text.length > 2000) throw new AddressRefused('not an address');
  if (url.username || url.password) throw new AddressRefused('an address has no credentials');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) && isTrusted(host)) return url;
  if (url.protocol !== 'https:') throw new AddressRefused('an address begins with https://');
  if (!PORTS.includes(url.port)) throw new AddressRefused('the port is 443 or 8443');
  if (isIP(host) ? !mayCall(host) : !host.includes('.'))
    throw new AddressRefused('the address is not public');
  return url;
}

/** Resolves a name and refuses it when any of its addresses is private; the connection uses these very ones. */
export const publicOnly: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, found) => {
    const addresses = found as LookupAddress[] | undefined;
    if (error || !addresses?.length) return done(error ?? new Error('no address'), '', 4);
    if (!addresses.every(({ address }) => mayCall(address)))
      return done(new AddressRefused('the address is not public'), '', 4);
    if (options.all) return done(null, addresses);
    const [first] = addresses as [LookupAddress];
    done(null, first.address, first.family);
  });
};

export interface Reply {
  readonly status: number;
  /** The first kilobyte of what was answered. */
  readonly snippet: string;
  readonly milliseconds: number;
}

interface Outgoing {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

const MOST_READ_BYTES = 1024;

/**
 * Posts JSON to an address that a stranger gave us. Redirects are answers like others and are not
 * followed. Throws `AddressRefused` and `NoAnswer`.
 */
export async function postToStranger(address: string, outgoing: Outgoing): Promise<Reply> {
  const url = publicAddress(address);
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const { body, headers, timeoutMs } = outgoing;
    const options: RequestOptions = {
      method: 'POST',
      lookup: publicOnly,
      agent: false,
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Mixillo-Webhooks/1',
      },
    };
    const send = url.protocol === 'https:' ? requestSecurely : requestPlainly;
    const sent = send(url, options, (response) => {
      let read = '';
      const end = (): void => {
        resolve({
          status: response.statusCode ?? 0,
          snippet: read.slice(0, MOST_READ_BYTES),
          milliseconds: Math.round(performance.now() - began),
        });
        response.destroy();
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        read += chunk;
        if (read.length >= MOST_READ_BYTES) end();
      });
      response.on('end', end);
      response.on('error', (error) => reject(new NoAnswer(error.message)));
    });
    sent.on('error', (error) =>
      reject(error instanceof AddressRefused ? error : new NoAnswer(reasonOf(error))),
    );
    sent.end(body);
  });
}

const reasonOf = (error: Error & { readonly code?: string }): string =>
  error.name === 'AbortError' || error.name === 'TimeoutError'
    ? 'timeout'
    : (error.code ?? error.message).slice(0, 100);
