import { Products } from '#domain/shop/product.model.ts';
import { wordsOf } from '#domain/shop/search-words.ts';
import type { Migration } from '../migrate.ts';

const BATCH = 500;
const UNKNOWN = { words: { $exists: false } } as const;

const migration: Migration = {
  summary: 'the words by which products are found',
  up: async () => {
    let changed = 0;
    for (;;) {
      const rows = await Products.find(UNKNOWN, { title: 1, tags: 1 }).limit(BATCH).lean();
      if (rows.length === 0) return changed;
      // Who has changed the listing meanwhile has written its words.
      const { modifiedCount } = await Products.bulkWrite(
        rows.map(({ _id, title, tags }) => ({
          updateOne: {
            filter: { _id, ...UNKNOWN },
            update: { $set: { words: wordsOf({ title, tags }) } },
          },
        })),
        { timestamps: false },
      );
      changed += modifiedCount;
    }
  },
};
export default migration;
