import { z } from 'zod';
import { recordDeed } from '#domain/admin/audit-trail.ts';
import { GiftInput, GiftItem, saveGift, toGiftItem } from '#domain/gifts/edit-gift.ts';
import { CategoryView, toCategoryView, UnknownCategory } from '#domain/shop/categories.ts';
import { CategoryInput, saveCategory, TreeFull } from '#domain/shop/edit-category.ts';
import {
  JudgedProduct,
  judgeProduct,
  ProductVerdict,
  toJudgedProduct,
} from '#domain/shop/judge-product.ts';
import { CatalogueUpdated } from '#domain/shop/product-events.ts';
import {
  CoinPackInput,
  CoinPackItem,
  saveCoinPack,
  toCoinPackItem,
} from '#domain/wallet/edit-coin-pack.ts';
import { endpoint } from '#platform/endpoint.ts';
import { type Id, idOf } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound, ValidationFailed } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

/** What each kind takes; another kind is another shape here and another case below. */
const Item = z.discriminatedUnion('kind', [
  CategoryInput,
  ProductVerdict,
  GiftInput,
  CoinPackInput,
]);
type Item = z.infer<typeof Item>;

export default endpoint({
  summary:
    'Change the catalogue: make or change a category, a gift or a pack of coins; approve, reject or feature a product.',
  method: 'PUT',
  path: '/api/admin/catalogue/:kind/:id',
  access: 'staff:catalogue.write',
  rateLimit: perActor(120, 'minute'),
  idempotency: 'required',
  params: z.object({
    kind: z.enum(['category', 'product', 'gift', 'coin']),
    /** The slug of a category, the id of a product, the code of a gift or of a pack of coins. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/),
  }),
  body: Item,
  output: z.object({
    category: CategoryView.optional(),
    product: JudgedProduct.optional(),
    gift: GiftItem.optional(),
    coin: CoinPackItem.optional(),
  }),
  problems: [Conflict, NotFound, TreeFull, UnknownCategory, ValidationFailed],

  handler: async ({ actor, params: { kind, id }, body, request, now }) => {
    if (body.kind !== kind)
      throw new ValidationFailed({ field: 'kind', details: [`kind: ${kind}`] });
    const { shown, ...change } = await save(id, body, actor.id, now);
    const deed = { permission: 'catalogue.write', action: `catalogue.${kind}` } as const;
    await recordDeed({ actor, request }, { ...deed, ...change, reason: body.reason }, now);
    return shown;
  },
});

async function save(id: string, item: Item, actor: Id<'user'>, now: Date) {
  switch (item.kind) {
    case 'category': {
      const { before, after } = await saveCategory(id, item, actor, now);
      return {
        target: { type: 'category', id: after._id },
        before: before && toCategoryView(before),
        after: toCategoryView(after),
        shown: { category: toCategoryView(after) },
      };
    }
    case 'product': {
      const product = idOf('product').safeParse(id);
      if (!product.success) throw new NotFound();
      const { before, after } = await judgeProduct(product.data, item, actor, now);
      return {
        target: { type: 'product', id: after._id },
        before: toJudgedProduct(before),
        after: toJudgedProduct(after),
        shown: { product: toJudgedProduct(after) },
      };
    }
    case 'gift': {
      const { before, after } = await saveGift(id, item);
      await publish(CatalogueUpdated, { kind: 'gift', itemId: after._id }, { now, actor });
      return {
        target: { type: 'gift', id: after._id },
        before: before && toGiftItem(before),
        after: toGiftItem(after),
        shown: { gift: toGiftItem(after) },
      };
    }
    case 'coin': {
      const { before, after } = await saveCoinPack(id, item);
      await publish(CatalogueUpdated, { kind: 'coin', itemId: after._id }, { now, actor });
      return {
        target: { type: 'coin', id: after._id },
        before: before && toCoinPackItem(before),
        after: toCoinPackItem(after),
        shown: { coin: toCoinPackItem(after) },
      };
    }
  }
}
