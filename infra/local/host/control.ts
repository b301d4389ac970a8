import type { IncomingMessage, ServerResponse } from 'node:http';
import { clock } from '#platform/clock.ts';
import { tellAsCarrier } from './carriers.ts';

let offsetMs = 0;

/** Moves the clock of everything this process serves; never backwards. */
export function advanceClock(milliseconds: number): Date {
  if (!(milliseconds >= 0)) throw new RangeError('The clock only moves forward');
  offsetMs += milliseconds;
  clock.set(() => new Date(Date.now() + offsetMs));
  return clock.now();
}

/** Gives the clock back to the machine. */
export function resetClock(): void {
  offsetMs = 0;
  clock.set();
}

export interface Controls {
  readonly runJob: (name: string) => Promise<number>;
  readonly runDueJobs: () => Promise<void>;
  readonly settle: () => Promise<void>;
  /** Where the product is served. */
  readonly url: () => string;
}

const answer = (res: ServerResponse, status: number, body: unknown): void => {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
};

/**
 * The switches of the local stack: `POST /_local/clock?advanceSeconds=86400`,
 * `POST /_local/jobs/<name>`, `POST /_local/settle`, and `POST /_local/carriers/<carrier>` with
 * `{trackingNo, status, at?}` for what a carrier tells of a parcel. They exist only in this host.
 */
export async function control(
  req: IncomingMessage,
  res: ServerResponse,
  { runJob, runDueJobs, settle, url: host }: Controls,
): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://localhost');
  const [, , subject, name] = url.pathname.split('/');
  if (subject === 'clock' && req.method === 'GET') return answer(res, 200, { now: clock.now() });
  if (req.method !== 'POST') return answer(res, 405, { error: 'POST', code: 'method_not_allowed' });
  if (subject === 'clock') {
    const seconds = Number(url.searchParams.get('advanceSeconds') ?? Number.NaN);
    if (!(seconds >= 0)) return answer(res, 400, { error: 'advanceSeconds is a number from 0' });
    const now = advanceClock(seconds * 1000);
    if (url.searchParams.get('jobs') !== 'stopped') await runDueJobs();
    return answer(res, 200, { now });
  }
  if (subject === 'jobs' && name) return answer(res, 200, { status: await runJob(name) });
  if (subject === 'carriers' && name) {
    const status = await tellAsCarrier(host(), name, req);
    return answer(res, status, { status });
  }
  if (subject === 'settle') {
    await settle();
    return answer(res, 200, { settled: true });
  }
  return answer(res, 404, { error: 'Not found', code: 'not_found' });
}
