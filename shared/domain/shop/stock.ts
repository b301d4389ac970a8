import { forget, giveBack, type Lying, staleClaims, take } from '#platform/claim.ts';
import { after, minutes } from '#platform/clock.ts';
import { inTransaction, transaction } from '#platform/database.ts';
import { duplicateKey } from '#platform/duplicate.ts';
import { type Id, toId } from '#platform/id.ts';
import { publishAll } from '#platform/outbox.ts';
import { problem } from '#platform/problem.ts';
import { InventoryReservations } from './inventory-reservation.model.ts';
import { StockChanged } from './product-events.ts';
import { type ProductVariant, ProductVariants } from './product-variant.model.ts';

/** `details` and `current` name the variants and what is left of each. */
export class SoldOut extends problem({ code: 'sold_out', status: 409, error: 'Sold out' }) {}

export interface Demand {
  readonly variant: Id<'variant'>;
  readonly quantity: number;
}

export interface Hold extends Demand {
  readonly product: Id<'product'>;
  readonly shop: Id<'shop'>;
  readonly checkout: Id<'checkout'>;
  readonly buyer: Id<'user'>;
  readonly order: Id<'order'>;
  readonly expiresAt: Date;
}

/**
 * Takes stock for a checkout, all of it or none, outside of transactions: a drop is one conditional
 * write for each buyer, and nobody waits for anybody. What is taken must be held by the checkout's
 * transaction and then kept, or be abandoned. Throws `SoldOut`.
 */
export async function claimStock(
  checkout: Id<'checkout'>,
  demand: readonly Demand[],
  now: Date,
): Promise<void> {
  if (inTransaction()) throw new Error('claimStock() must be called outside transaction()');
  const wanted = summed(demand);
  const taken: Demand[] = [];
  for (const one of wanted) {
    const { variant: id, quantity: amount } = one;
    const where = { status: 'active' };
    const claim = { id, where, field: 'available', claim: checkout, amount, now };
    if (await take(ProductVariants, claim)) {
      taken.push(one);
      continue;
    }
    // Nothing can have been held under these claims yet, so they are simply given back.
    for (const { variant, quantity } of taken) await returnTo(variant, checkout, quantity);
    await transaction(() => announce(taken, now));
    throw await soldOut(wanted, one);
  }
}

/** What is wanted of each variant, in one order for all: of two who want the same, one gets it. */
function summed(demand: readonly Demand[]): Demand[] {
  const sums = new Map<string, number>();
  for (const { variant, quantity } of demand) {
    const key = variant.toHexString();
    sums.set(key, (sums.get(key) ?? 0) + quantity);
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([variant, quantity]) => ({ variant: toId<'variant'>(variant), quantity }));
}

const returnTo = (variant: Id<'variant'>, checkout: Id<'checkout'>, amount: number) =>
  giveBack(ProductVariants, { id: variant, field: 'available', claim: checkout, amount });

async function soldOut(wanted: readonly Demand[], refused: Demand): Promise<SoldOut> {
  const rows = await ProductVariants.find(
    { _id: { $in: wanted.map(({ variant }) => variant) } },
    { available: 1, status: 1 },
  ).lean();
  const left = new Map(
    rows.map(({ _id, available, status }) => [
      _id.toHexString(),
      status === 'active' ? available : 0,
    ]),
  );
  const current = wanted
    .map(({ variant, quantity }) => ({
      variantId: variant.toHexString(),
      wanted: quantity,
      available: left.get(variant.toHexString()) ?? 0,
    }))
    // What refused may have come back since; it is named all the same.
    .filter((one) => one.available < one.wanted || one.variantId === refused.variant.toHexString());
  return new SoldOut({
    details: current.map(({ variantId, available }) => `${variantId}: ${available} left`),
    current,
  });
}

/** Writes down what was claimed, in the transaction of the checkout: its rows make the claims last. */
export async function holdStock(holds: readonly Hold[], now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('holdStock() must be called inside transaction()');
  await InventoryReservations.insertMany(
    holds.map(({ product: _product, shop: _shop, ...hold }) => ({ ...hold, status: 'held' })),
  );
  await tell(
    holds.map(({ variant: _id, product, shop }) => ({ _id, product, shop })),
    now,
  );
}

/** Stock changes without touching the product; who shows it hears of it. */
async function announce(changed: readonly Pick<Demand, 'variant'>[], now: Date): Promise<void> {
  const variants = await ProductVariants.find(
    { _id: { $in: changed.map(({ variant }) => variant) } },
    { product: 1, shop: 1 },
  ).lean();
  await tell(variants, now);
}

const tell = (
  variants: readonly (Pick<ProductVariant, 'product' | 'shop'> & { readonly _id: Id<'variant'> })[],
  now: Date,
): Promise<void> =>
  publishAll(
    StockChanged,
    variants.map(({ _id: variantId, product: productId, shop: shopId }) => ({
      data: { productId, shopId, variantId },
    })),
    now,
  );

/** Forgets the claims of a checkout whose transaction was committed. */
export const keepStock = (
  checkout: Id<'checkout'>,
  variants: readonly Id<'variant'>[],
): Promise<void> => forget(ProductVariants, variants, checkout);

/**
 * Gives back what a checkout claimed and has not held, whatever became of its transaction: a row
 * in its place makes one that is still under way fail, and where it has been committed, what was
 * taken stays taken. The checkout must not be tried again under the same id.
 */
export async function abandonStock(
  checkout: Id<'checkout'>,
  demand: readonly Demand[],
  now: Date,
): Promise<void> {
  for (const { variant, quantity } of summed(demand))
    await abandon(variant, checkout, quantity, now);
}

async function abandon(
  variant: Id<'variant'>,
  checkout: Id<'checkout'>,
  quantity: number,
  now: Date,
): Promise<void> {
  try {
    await transaction(async () => {
      await InventoryReservations.create([{ checkout, variant, quantity, status: 'void' }]);
      if (await returnTo(variant, checkout, quantity)) await announce([{ variant }], now);
    });
  } catch (error) {
    if (duplicateKey(error) !== 'checkout') throw error;
    await forget(ProductVariants, [variant], checkout);
  }
}

/** Older than any checkout can become before it holds what it claimed. */
const STALE_AFTER_MS = minutes(2);

type StockClaim = Lying<'variant', 'checkout'>;

/** Claims whose checkout has died, with the variants they lie in. */
export const staleStockClaims = (now: Date, limit: number): Promise<StockClaim[]> =>
  staleClaims(ProductVariants, after(now, -STALE_AFTER_MS), limit);

/** Ends one of them: given back, or forgotten where the checkout had been committed. */
export const recoverStockClaim = ({ id, claim }: StockClaim, now: Date): Promise<void> =>
  abandon(id, claim.id, claim.amount, now);

/** Makes what is held for an order the buyer's, once, in a transaction; false when nothing is held. */
export async function commitStock(order: Id<'order'>): Promise<boolean> {
  if (!inTransaction()) throw new Error('commitStock() must be called inside transaction()');
  const { modifiedCount } = await InventoryReservations.updateMany(
    { order, status: 'held' },
    { $set: { status: 'committed' }, $unset: { expiresAt: 1 } },
  );
  return modifiedCount > 0;
}

/** Puts what is held for an order back on sale, once, in a transaction. */
export async function releaseStock(order: Id<'order'>, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('releaseStock() must be called inside transaction()');
  const held = await InventoryReservations.find({ order, status: 'held' })
    .sort({ variant: 1 })
    .lean();
  for (const { _id, variant, quantity } of held) {
    const { modifiedCount } = await InventoryReservations.updateOne(
      { _id, status: 'held' },
      { $set: { status: 'released' }, $unset: { expiresAt: 1 } },
    );
    if (modifiedCount === 1) await restock(variant, quantity, now);
  }
}

/** Puts back what was sold and comes back, in a transaction. */
export async function restock(variant: Id<'variant'>, quantity: number, now: Date): Promise<void> {
  if (!inTransaction()) throw new Error('restock() must be called inside transaction()');
  await ProductVariants.updateOne({ _id: variant }, { $inc: { available: quantity } });
  await announce([{ variant }], now);
}
