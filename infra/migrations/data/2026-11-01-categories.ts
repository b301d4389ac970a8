import { createHash } from 'node:crypto';
import { Categories } from '#domain/shop/category.model.ts';
import { type Id, toId } from '#platform/id.ts';
import type { Migration } from '../migrate.ts';

interface Branch {
  readonly en: string;
  readonly commissionBps?: number;
  readonly restricted?: true;
  readonly attributes?: readonly (readonly [name: string, ...values: string[]])[];
  readonly below?: Readonly<Record<string, Branch>>;
}

const TREE: Readonly<Record<string, Branch>> = {
  fashion: {
    en: 'Fashion',
    commissionBps: 800,
    below: {
      women: {
        en: 'Women',
        below: {
          'women-clothing': { en: 'Women’s clothing' },
          'women-shoes': { en: 'Women’s shoes' },
        },
      },
      men: {
        en: 'Men',
        below: {
          'men-clothing': { en: 'Men’s clothing' },
          'men-shoes': { en: 'Men’s shoes' },
        },
      },
      bags: { en: 'Bags' },
      jewellery: { en: 'Jewellery' },
    },
  },
  beauty: {
    en: 'Beauty',
    commissionBps: 700,
    below: {
      'skin-care': { en: 'Skin care' },
      'make-up': { en: 'Make-up' },
      'hair-care': { en: 'Hair care' },
      fragrance: { en: 'Fragrance' },
    },
  },
  home: {
    en: 'Home',
    below: {
      kitchen: { en: 'Kitchen' },
      decoration: { en: 'Decoration' },
      bedding: { en: 'Bedding' },
      garden: { en: 'Garden' },
    },
  },
  electronics: {
    en: 'Electronics',
    commissionBps: 400,
    below: {
      phones: { en: 'Phones', attributes: [['Condition', 'new', 'refurbished', 'used']] },
      audio: { en: 'Audio' },
      'phone-accessories': { en: 'Phone accessories' },
    },
  },
  sport: {
    en: 'Sport',
    below: { fitness: { en: 'Fitness' }, outdoor: { en: 'Outdoor' }, cycling: { en: 'Cycling' } },
  },
  toys: { en: 'Toys', below: { games: { en: 'Games' }, crafts: { en: 'Crafts' } } },
  books: { en: 'Books', commissionBps: 300 },
  food: {
    en: 'Food',
    below: {
      snacks: { en: 'Snacks' },
      drinks: { en: 'Drinks' },
      supplements: { en: 'Food supplements', restricted: true, attributes: [['Ingredients']] },
    },
  },
  pets: { en: 'Pets' },
};

/** The same in every database, so that a run that was cut short goes on where it stopped. */
const idOf = (slug: string): Id<'category'> =>
  toId(createHash('sha256').update(`category ${slug}`).digest('hex').slice(0, 24));

const rowsOf = (
  branches: Readonly<Record<string, Branch>>,
  above: readonly Id<'category'>[],
): Record<string, unknown>[] =>
  Object.entries(branches).flatMap(([slug, branch]) => {
    const path = [...above, idOf(slug)];
    const row = {
      _id: idOf(slug),
      slug,
      path,
      name: { en: branch.en },
      attributes: (branch.attributes ?? []).map(([name, ...values]) => ({
        ...{ name, required: true, values },
      })),
      ...(branch.commissionBps !== undefined && { commissionBps: branch.commissionBps }),
      restricted: branch.restricted ?? false,
    };
    return [row, ...rowsOf(branch.below ?? {}, path)];
  });

const migration: Migration = {
  summary: 'Plant the default tree of categories.',
  up: async () => {
    let planted = 0;
    for (const row of rowsOf(TREE, [])) {
      const { _id, ...fields } = row;
      const { upsertedCount } = await Categories.updateOne(
        { slug: fields['slug'] } as never,
        { $setOnInsert: { ...fields, _id } } as never,
        { upsert: true },
      );
      planted += upsertedCount;
    }
    return planted;
  },
};
export default migration;
