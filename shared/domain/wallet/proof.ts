import { z } from 'zod';

/** Something in the books that is not as it must be. */
export const Difference = z.object({
  kind: z.enum([
    'entry',
    'journal',
    'history',
    'wallet',
    'wallets',
    'negative',
    'currency',
    'payment',
    'checkpoint',
    'payout',
    'escrow',
    'share',
  ]),
  /** Which entry, journal, seal, wallet, account, currency, payment, payout or order. */
  subject: z.string(),
  expected: z.string(),
  found: z.string(),
});
export type Difference = z.infer<typeof Difference>;

/** What one audit found. */
export const Proof = z.object({
  /** No difference was found. */
  balanced: z.boolean(),
  /** All of the books were read; false when the time was up before. */
  complete: z.boolean(),
  at: z.iso.datetime(),
  entries: z.int(),
  journals: z.int(),
  wallets: z.int(),
  payments: z.int(),
  payouts: z.int().default(0),
  orders: z.int().default(0),
  /** At most fifty of them. */
  differences: z.array(Difference),
});
export type Proof = z.infer<typeof Proof>;

export const MOST_DIFFERENCES = 50;

/** Part of an audit: what it found and how much it read. */
export interface Finding {
  readonly differences: readonly Difference[];
  readonly read: number;
  readonly complete: boolean;
}
