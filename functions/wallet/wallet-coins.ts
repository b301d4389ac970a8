import { z } from 'zod';
import { buyCoins, NotSoldInCurrency, ReceiptsUnsupported } from '#domain/wallet/coins.ts';
import { StatementLine, toStatementLine } from '#domain/wallet/statement.ts';
import { Balance, balanceOf } from '#domain/wallet/wallets.ts';
import { endpoint } from '#platform/endpoint.ts';
import { InsufficientBalance, NotFound } from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Buy a pack of coins with money of the wallet.',
  method: 'POST',
  path: '/api/wallet/coins',
  access: 'verified',
  restrictedBy: 'pay',
  rateLimit: perActor(60, 'minute'),
  idempotency: 'required',
  inTurn: 'actor',
  body: z.object({
    /** The id or the code of a pack of the catalogue. */
    pack: z.string().regex(/^[a-z0-9-]{2,40}$/),
    /** What a phone’s store gave for the purchase. Refused until a store’s key is configured. */
    receipt: z
      .object({ store: z.enum(['apple', 'google']), token: z.string().min(1).max(10_000) })
      .optional(),
  }),
  status: 201,
  output: z.object({ transaction: StatementLine, purchased: z.int(), balance: Balance }),
  problems: [InsufficientBalance, NotFound, NotSoldInCurrency, ReceiptsUnsupported],

  handler: async ({ actor, body: { pack, receipt }, now }) => {
    if (receipt) throw new ReceiptsUnsupported({ field: 'receipt' });
    const { line, coins } = await buyCoins(actor.id, pack, now);
    const balance = await balanceOf(actor.id, now);
    return { transaction: toStatementLine(line, now), purchased: coins, balance };
  },
});
