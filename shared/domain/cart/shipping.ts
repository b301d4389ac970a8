import { z } from 'zod';
import type { ShippingMethod, ShippingProfile } from '#domain/sellers/shops.ts';

/** Which way each shop is to send its parcel: the code of a method by the id of the shop. */
export const ShippingChoice = z
  .record(z.string().regex(/^[0-9a-f]{24}$/), z.string().trim().min(1).max(60))
  .refine((choice) => Object.keys(choice).length <= 100, 'at most 100 shops');
export type ShippingChoice = z.infer<typeof ShippingChoice>;

const ELSEWHERE = '*';

/** How a shop ships to a country: the profile that names it, else the one for everywhere else. */
export const profileFor = (
  profiles: readonly ShippingProfile[],
  country: string,
): ShippingProfile | undefined =>
  profiles.find(({ countries }) => countries.includes(country)) ??
  profiles.find(({ countries }) => countries.includes(ELSEWHERE));

/** What one parcel costs, in minor units, for goods of that sum before discounts. */
export const shippingCost = (
  { rateMinor, perItemMinor, freeFromMinor }: ShippingMethod,
  itemsMinor: number,
  pieces: number,
): number =>
  freeFromMinor !== undefined && itemsMinor >= freeFromMinor
    ? 0
    : rateMinor + perItemMinor * (pieces - 1);

/** The method that was chosen, else the cheapest, the first of them on a tie. */
export function methodFor(
  methods: readonly ShippingMethod[],
  chosen: string | undefined,
  itemsMinor: number,
  pieces: number,
): ShippingMethod | null {
  const wanted = methods.find(({ code }) => code === chosen);
  if (wanted) return wanted;
  const cost = (method: ShippingMethod): number => shippingCost(method, itemsMinor, pieces);
  return methods.reduce<ShippingMethod | null>(
    (best, method) => (best && cost(best) <= cost(method) ? best : method),
    null,
  );
}
