import { z } from 'zod';
import { line } from '#domain/users/words.ts';
import { AmountMinor } from '#platform/money.ts';
import { problem, ValidationFailed } from '#platform/problem.ts';
import type { Product } from './product.model.ts';
import { MOST_VARIANTS, type VariantRow } from './products.ts';

export class SkuTaken extends problem({
  code: 'sku_taken',
  status: 409,
  error: 'Another product of your shop has this SKU',
}) {}

const MOST_OPTIONS = 3;
const MOST_VALUES = 30;
export const MOST_STOCK = 1_000_000;

const Word = line(40).pipe(z.string().min(1));

/** What buyers choose between: `{ name: 'Size', values: ['S', 'M'] }`. */
export const Options = z
  .array(
    z
      .strictObject({ name: Word, values: z.array(Word).min(1).max(MOST_VALUES) })
      .refine(({ values }) => new Set(values).size === values.length, 'each value once'),
  )
  .max(MOST_OPTIONS)
  .refine(
    (options) => new Set(options.map(({ name }) => name)).size === options.length,
    'each option once',
  );

export const Sku = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$/, '1 to 40 letters, digits, dots, dashes and slashes');

/** A variant as its seller describes it. */
export const VariantInput = z.strictObject({
  sku: Sku,
  /** One value for each option of the product. */
  optionValues: z.record(Word, Word).default({}),
  priceMinor: AmountMinor,
  /** What it cost before; more than the price. */
  compareAtMinor: AmountMinor.optional(),
  weightGrams: z.int().min(0).max(1_000_000).optional(),
  /** Of a new variant; later it is changed through the inventory. */
  stock: z.int().min(0).max(MOST_STOCK).optional(),
});
export type VariantInput = z.infer<typeof VariantInput>;

export const Variants = z.array(VariantInput).min(1).max(MOST_VARIANTS);

type Described = Pick<VariantRow, 'sku' | 'optionValues' | 'priceMinor'> & {
  readonly compareAtMinor?: number | undefined;
};

/**
 * Whether buyers can tell the variants apart: one value of each option, no combination twice, no
 * SKU twice. Throws `ValidationFailed`.
 */
export function checkVariants(options: Product['options'], variants: readonly Described[]): void {
  const details: string[] = [];
  const seen = new Map<string, string>();
  for (const { sku, optionValues, priceMinor, compareAtMinor } of variants) {
    for (const name of Object.keys(optionValues))
      if (!options.some((option) => option.name === name))
        details.push(`variants: ${sku} has the unknown option ${name}`);
    for (const { name, values } of options)
      if (!values.includes(optionValues[name] ?? ''))
        details.push(`variants: ${sku} needs one of ${values.join(', ')} as its ${name}`);
    if (compareAtMinor !== undefined && compareAtMinor <= priceMinor)
      details.push(`variants: ${sku} did not cost more before`);
    const combination = JSON.stringify(options.map(({ name }) => optionValues[name]));
    const twin = seen.get(combination);
    if (twin !== undefined) details.push(`variants: ${twin} and ${sku} are the same choice`);
    seen.set(combination, sku);
  }
  if (new Set(variants.map(({ sku }) => sku)).size < variants.length)
    details.push('variants: each SKU once');
  if (details.length > 0) throw new ValidationFailed({ field: 'variants', details });
}

/** What a product says of its variants: what they cost, and whether any can be bought. */
export function summaryOf(
  variants: readonly Pick<VariantRow, 'priceMinor' | 'available'>[],
): Pick<Product, 'price' | 'inStock'> {
  const prices = variants.map(({ priceMinor }) => priceMinor);
  return {
    price: { minMinor: Math.min(...prices), maxMinor: Math.max(...prices) },
    inStock: variants.some(({ available }) => available > 0),
  };
}
