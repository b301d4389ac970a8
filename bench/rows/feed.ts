import { fillFeed } from '../support/contents.ts';
import { type Load, load } from '../support/load.ts';
import { figure, inTurns, type Row } from '../support/row.ts';
import { type Server, startBaseline, startFunction } from '../support/server.ts';

const ROUNDS = 3;
const SECONDS = 2;
const PATH = '/api/content/feed';
const DEPTH = 500;
const LIMIT = 20;

/** A page costs the same at any depth, and less than the pattern it replaces. */
export const feed: Row = {
  name: 'feed',
  about:
    'A page of 20 of 20,000 contents with their creators, by contentFeed, against find, populate, sort, skip and countDocuments with the same indexes on the same engine; page 500 of ours by its cursor; 16 connections.',
  run: async (say) => {
    await fillFeed();
    const ours = await startFunction('contentFeed', { path: PATH });
    const seed = await startBaseline('feed', { path: `${PATH}?page=1` });
    try {
      const deep = `${PATH}?cursor=${encodeURIComponent(await cursorOf(ours))}`;
      say(`  contentFeed at ${ours.url}, baseline at ${seed.url}`);
      const compare = (path: string, theirs: string, seconds = SECONDS) =>
        inTurns<Load>(
          ROUNDS,
          () => load(`${ours.url}${path}`, seconds),
          () => load(`${seed.url}${theirs}`, seconds),
        );
      await load(`${ours.url}${PATH}`, 1);
      await load(`${seed.url}${PATH}`, 1);
      const first = await compare(PATH, `${PATH}?page=1`);
      const last = await compare(deep, `${PATH}?page=${DEPTH}`, SECONDS + 2);
      return [
        figure('page 1, throughput', 'requests/s', first, perSecond, { atLeast: 4 }),
        figure('page 1, p50', 'ms', first, ({ p50 }) => p50),
        figure('page 500, throughput', 'requests/s', last, perSecond, { atLeast: 30 }),
        figure('page 500, p50', 'ms', last, ({ p50 }) => p50),
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
