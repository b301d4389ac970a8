import type { ShopRow } from '#domain/sellers/shops.ts';
import { transaction } from '#platform/database.ts';
import { type Id, sameId } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { Conflict, NotFound, problem } from '#platform/problem.ts';
import { keepAvailability } from './availability.ts';
import { InventoryReservations } from './inventory-reservation.model.ts';
import { StockChanged } from './product-events.ts';
import { ProductVariants } from './product-variant.model.ts';
import { productOfShop, type VariantRow } from './products.ts';
import { StockMovements } from './stock-movement.model.ts';
import { MOST_STOCK } from './variants.ts';

export class StockOutOfRange extends problem({
  code: 'stock_out_of_range',
  status: 409,
  error: 'There cannot be that many',
}) {}

export interface StockChange {
  readonly variant: Id<'variant'>;
  /** `adjust` adds, or takes with a minus; `set` says how many lie on the shelf, held ones included. */
  readonly kind: 'adjust' | 'set';
  readonly quantity: number;
  readonly reason: string;
  /** The version of the variant this change was made from. */
  readonly version: number;
}

export interface StockLevel {
  readonly variant: VariantRow;
  /** Kept for checkouts that are not paid yet. */
  readonly held: number;
}

/**
 * Changes the stock of a variant, and writes down by whom and why in the same transaction. Sales go
 * on meanwhile: they do not change the version, and a count includes what is held for them. Throws
 * `NotFound`, `Conflict` for a stale version, or `StockOutOfRange`.
 */
export async function changeStock(
  shop: ShopRow,
  product: Id<'product'>,
  change: StockChange,
  now: Date,
): Promise<StockLevel> {
  const { variant: id, kind, quantity, reason, version } = change;
  return transaction(async () => {
    await productOfShop(shop._id, product);
    const before = await ProductVariants.findOne({ _id: id, product }).lean<VariantRow>();
    if (before?.status !== 'active') throw new NotFound({ field: 'variantId' });
    const held = await heldOf(before);
    const by = kind === 'adjust' ? quantity : quantity - held - before.available;
    const available = before.available + by;
    if (available < 0 || available > MOST_STOCK)
      throw new StockOutOfRange({ current: { available: before.available, held } });
    const variant = await ProductVariants.findOneAndUpdate(
      { _id: id, version, available: before.available },
      { $inc: { available: by, version: 1 } },
      { returnDocument: 'after' },
    ).lean<VariantRow>();
    if (!variant)
      throw new Conflict({ current: { version: before.version, available: before.available } });
    await StockMovements.create([
      {
        ...{ variant: id, product, shop: shop._id, kind, by, available },
        ...{ reason, actor: shop.owner, at: now },
      },
    ]);
    await keepAvailability(product, now);
    const ids = { productId: product, shopId: shop._id, variantId: id };
    await publish(StockChanged, ids, { now, actor: shop.owner });
    return { variant, held };
  });
}

/** What is kept for checkouts: held, or claimed this moment and about to be. */
async function heldOf({ _id, claims }: VariantRow): Promise<number> {
  const rows = await InventoryReservations.find(
    { variant: _id, status: 'held' },
    { checkout: 1, quantity: 1 },
  ).lean();
  const claimed = claims.filter(({ id }) => !rows.some(({ checkout }) => sameId(checkout, id)));
  return [...rows.map(({ quantity }) => quantity), ...claimed.map(({ amount }) => amount)].reduce(
    (sum, one) => sum + one,
    0,
  );
}
