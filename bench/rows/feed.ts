import { fillFeed } from '../support/contents.ts';
import { type Load, load } from '../support/load.ts';
import { type Bound, figure, inTurns, type Row } from '../support/row.ts';
import { type Server, startBaseline, startFunction } from '../support/server.ts';
import { people } from '../support/world.ts';

const ROUNDS = 3;
const VIEWER_ROUNDS = 2;
const PATH = '/api/content/feed';
const DEPTH = 500;
const LIMIT = 20;

/** A page costs the same at any depth, and less than the pattern it replaces. */
export const feed: Row = {
  name: 'feed',
  about:
    'A page of 20 of 20,000 contents with their creators, by contentFeed, against find, populate, sort, skip and countDocuments with the same indexes on the same engine; page 500 of ours by its cursor; 16 connections. Who asks at the same time shares one read of the contents with ours, as all connections ask for the same page here; guests share the answer, too. A signed-in viewer gets a page of their own, with their session, blocks, mutes and likes, which the baseline leaves out.',
  run: async (say) => {
    await fillFeed();
    const [reader] = await people();
    const ours = await startFunction('contentFeed', { path: PATH });
    const seed = await startBaseline('feed', { path: `${PATH}?page=1` });
    try {
      say(`  contentFeed at ${ours.url}, baseline at ${seed.url}`);
      const signedIn = { authorization: `Bearer ${reader?.token}` };
      const cursor = `cursor=${encodeURIComponent(await cursorOf(ours))}`;
      const compare = async (what: string, path: string, theirs: string, bound: Bound) => {
        const seconds = theirs === '?page=1' ? 2 : 3;
        const baseline = () => load(`${seed.url}${PATH}${theirs}`, seconds);
        const guest = await inTurns<Load>(
          ROUNDS,
          () => load(`${ours.url}${PATH}${path}`, seconds),
          baseline,
        );
        const viewer = await inTurns<Load>(
          VIEWER_ROUNDS,
          () => load(`${ours.url}${PATH}${path}`, seconds, signedIn),
          baseline,
        );
        return [
          figure(`${what}, guest`, 'requests/s', guest, perSecond, bound),
          figure(`${what}, guest, p50`, 'ms', guest, ({ p50 }) => p50),
          figure(`${what}, guest, processor time`, 'ms', guest, ({ cpuMs }) => cpuMs),
          figure(`${what}, signed in`, 'requests/s', viewer, perSecond, bound),
          figure(`${what}, signed in, processor time`, 'ms', viewer, ({ cpuMs }) => cpuMs),
        ];
      };
      await load(`${ours.url}${PATH}`, 1);
      await load(`${seed.url}${PATH}`, 1);
      return [
        ...(await compare('page 1', '', '?page=1', { atLeast: 4 })),
        ...(await compare('page 500', `?${cursor}`, `?page=${DEPTH}`, { atLeast: 30 })),
      ];
    } finally {
      await Promise.all([ours.stop(), seed.stop()]);
    }
  },
};

const perSecond = (one: Load): number => one.perSecond;

/** Walks to where page 500 begins. */
async function cursorOf({ url }: Server): Promise<string> {
  let left = (DEPTH - 1) * LIMIT;
  let cursor = '';
  while (left > 0) {
    const limit = Math.min(100, left);
    const query = new URLSearchParams({ limit: String(limit), ...(cursor && { cursor }) });
    const response = await fetch(`${url}${PATH}?${query}`);
    const { nextCursor } = (await response.json()) as { nextCursor?: string };
    if (!nextCursor) throw new Error(`the feed ended ${left} contents before page ${DEPTH}`);
    cursor = nextCursor;
    left -= limit;
  }
  return cursor;
}
