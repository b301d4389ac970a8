import autocannon from 'autocannon';
import { cpuMsBelow } from './processes.ts';

export interface Load {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of server, gateway and engine for one request; what others do on the machine is not in it. */
  readonly cpuMs: number;
}

const CONNECTIONS = 16;

/** A machine that is busy with something else may not answer at all in a few seconds. */
const LONGER = 4;
const LONGEST_SECONDS = 30;

/**
 * Asks for one address as fast as it answers, and for longer where that is not even once. Throws when
 * anything but a 2xx comes back.
 */
export async function load(
  url: string,
  seconds: number,
  headers: Readonly<Record<string, string>> = {},
): Promise<Load> {
  const before = await cpuMsBelow(process.pid);
  const result = await autocannon({ url, connections: CONNECTIONS, duration: seconds, headers });
  const failed = result.errors + result.non2xx;
  if (failed === 0 && result['2xx'] === 0 && seconds * LONGER <= LONGEST_SECONDS)
    return load(url, seconds * LONGER, headers);
  if (failed > 0 || result['2xx'] === 0)
    throw new Error(`${url}: ${failed} of ${result.requests.sent} requests failed`);
  const cpuMs = (await cpuMsBelow(process.pid)) - before;
  return {
    cpuMs: cpuMs / result['2xx'],
    perSecond: result['2xx'] / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
  };
}
