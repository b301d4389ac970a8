import mongoose from 'mongoose';
import { havingAll } from '#domain/shop/search-words.ts';
import { EVERYTHING } from '#domain/shop/shelves.ts';
import { planOf } from '#local/mongo/plan.ts';
import { connect } from '#platform/database.ts';
import { toId } from '#platform/id.ts';
import { type Load, load } from '../support/load.ts';
import { fillCatalogue } from '../support/products.ts';
import { type Bound, figure, inTurns, type Row } from '../support/row.ts';
import { startBaseline, startFunction } from '../support/server.ts';

const ROUNDS = 3;
const SECONDS = 2;
const PATH = '/api/products/search';
const PAGE = 200;
const LIMIT = 20;

/** Words are looked up and shelves are walked; nothing is read to be thrown away. */
export const productSearch: Row = {
  name: 'product-search',
  about:
    'A page of 20 of 100,000 products with their shops, by productsSearch with its facets where it has them (ours finds the words wherever they stand in title or tags, the baseline finds the text in titles), against a $regex find, populate, sort, skip and countDocuments on the same rows and engine; page 200 of ours by its cursor; 16 connections. Before anything is measured, the engine explains which index serves each of our queries.',
  run: async (say) => {
    const { category } = await fillCatalogue();
    await proveIndexes(category, say);
    const ours = await startFunction('productsSearch', { path: `${PATH}?limit=1` });
    const seed = await startBaseline('product-search', { path: `${PATH}?page=1` });
    try {
      say(`  productsSearch at ${ours.url}, baseline at ${seed.url}`);
      const shelf = `category=${category}&sort=price_asc`;
      const cursor = encodeURIComponent(await cursorOf(ours.url, shelf));
      const compare = async (what: string, path: string, theirs: string, bound?: Bound) => {
        const pair = await inTurns<Load>(
          ROUNDS,
          () => load(`${ours.url}${PATH}?${path}`, SECONDS),
          () => load(`${seed.url}${PATH}?${theirs}`, SECONDS),
        );
        return [
          figure(what, 'requests/s', pair, ({ perSecond }) => perSecond, bound),
          figure(`${what}, p50`, 'ms', pair, ({ p50 }) => p50),
          figure(`${what}, processor time`, 'ms', pair, ({ cpuMs }) => cpuMs),
        ];
      };
      const twice = { atLeast: 2 };
      return [
        ...(await compare('one word', 'q=teapot', 'q=teapot', twice)),
        ...(await compare('two words', 'q=linen%20teapot', 'q=linen%20teapot', twice)),
        ...(await compare('a category by price', shelf, shelf, twice)),
        ...(await compare(
          'a category by price, page 200',
          `${shelf}&cursor=${cursor}`,
          `${shelf}&page=${PAGE}`,
          twice,
        )),
      ];
    } finally {
      await Promise.all([ours.stop(), seed.stop()]);
    }
  },
};

/** Throws unless the engine answers both kinds of search from the index that is there for it. */
async function proveIndexes(category: string, say: (line: string) => void): Promise<void> {
  await connect();
  const two = havingAll('linen teapot', { shelves: EVERYTHING }, 1000);
  const one = havingAll('teapot', { shelves: EVERYTHING }, 1000);
  const sort = { 'price.minMinor': 1, _id: 1 };
  const questions = [
    ...[one, two].map(({ best: pipeline, hint }) => ({
      wanted: 'words_1_soldCount_-1__id_-1',
      command: { aggregate: 'products', pipeline, hint, cursor: {} },
    })),
    {
      wanted: 'shelves_1_price.minMinor_1__id_1',
      command: { find: 'products', filter: { shelves: toId(category) }, sort, limit: LIMIT },
    },
  ];
  for (const { wanted, command } of questions) {
    const answer = await mongoose.connection.db?.command(
      { explain: command, verbosity: 'queryPlanner' },
      { readPreference: 'primary' },
    );
    const { indexes, collectionScan } = planOf(answer);
    if (collectionScan || !indexes.includes(wanted))
      throw new Error(`${wanted} does not serve its search, but ${indexes.join(', ') || 'a scan'}`);
    say(`  explained: ${wanted} serves ${JSON.stringify(command).slice(0, 90)}…`);
  }
}

/** Walks to where page 200 begins. */
async function cursorOf(url: string, query: string): Promise<string> {
  let left = (PAGE - 1) * LIMIT;
  let cursor = '';
  while (left > 0) {
    const limit = Math.min(100, left);
    const from = cursor && `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${url}${PATH}?${query}&limit=${limit}${from}`);
    const { nextCursor } = (await response.json()) as { readonly nextCursor?: string };
    if (!nextCursor) throw new Error(`the category ended ${left} products before page ${PAGE}`);
    cursor = nextCursor;
    left -= limit;
  }
  return cursor;
}
