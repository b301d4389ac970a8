import type { PipelineStage } from 'mongoose';
import { type Filter, sortKeys } from '#platform/page.ts';
import type { Product } from './product.model.ts';

const WORD = /[\p{L}\p{N}]+/gu;
/** A title and its tags have fewer. */
const MOST_OF_A_PRODUCT = 200;
const MOST_ASKED = 10;

/** Plain words in lower case, each once: a quote or a minus would mean something to the engine. */
const wordsIn = (text: string): string[] => [...new Set(text.toLowerCase().match(WORD))];

export const hasWords = (text: string): boolean => text.search(WORD) !== -1;

/** The words by which a product is found; to be written whenever its title or tags are. */
export const wordsOf = ({ title, tags }: Pick<Product, 'title' | 'tags'>): string[] =>
  wordsIn([title, ...tags].join(' ')).slice(0, MOST_OF_A_PRODUCT);

/** A way to look words up. */
export interface Lookup {
  /** Reads what was found and `CARD` of it, the best first as far as can be told at once. */
  readonly best: readonly PipelineStage[];
  /** How what was read is put in order, where nothing else is asked for. */
  readonly rank: readonly PipelineStage.Sort[];
  readonly hint?: Record<string, 1 | -1>;
}

/** What facets and orders go by. */
const CARD = { category: 1, price: 1, soldCount: 1, rating: 1 } as const;

/** By sales, as its index is. */
const order = () => sortKeys({ field: 'soldCount', direction: -1 });

/**
 * What has all of the words: more of them in the title first, then what sells better. A word by
 * itself has its products in order. Of several words the engine finds what they have in common
 * before it reads any of that, which is then few enough to be ordered. Without the hint it may walk
 * the shelf, which holds everything.
 */
export function havingAll(asked: string, where: Filter, most: number): Lookup {
  const words = wordsIn(asked).slice(0, MOST_ASKED);
  const [only, ...others] = words;
  const inTitle = words.map((word) => ({
    $cond: [{ $regexMatch: { input: '$title', regex: word, options: 'i' } }, 1, 0],
  }));
  const bestselling = [{ $sort: order() }, { $limit: most }];
  const card = { $project: { ...CARD, inTitle: { $add: inTitle } } };
  return {
    best:
      others.length === 0
        ? [{ $match: { words: only, ...where } }, ...bestselling, card]
        : [{ $match: { words: { $all: words }, ...where } }, card, ...bestselling],
    rank: [{ $sort: { inTitle: -1, ...order() } }],
    hint: { words: 1, ...order() },
  };
}

/** What has any of the words, by how well it matches. */
export const havingAny = (asked: string, where: Filter, most: number): Lookup => ({
  best: [
    {
      $match: { $text: { $search: wordsIn(asked).slice(0, MOST_ASKED).join(' ') }, ...where },
    },
    { $sort: { score: { $meta: 'textScore' }, _id: -1 } },
    { $limit: most },
    { $project: CARD },
  ],
  rank: [],
});
