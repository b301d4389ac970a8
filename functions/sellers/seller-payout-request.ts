import { z } from 'zod';
import { ConfirmationFailed, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { Code, confirm } from '#domain/auth/second-factor.ts';
import { NoActiveShop, ownShop } from '#domain/sellers/shops.ts';
import { isVerified } from '#domain/sellers/verifications.ts';
import { GivenPassword } from '#domain/users/words.ts';
import { PayoutAccountNotReady } from '#domain/wallet/payout-accounts.ts';
import { PayoutView, toPayoutView } from '#domain/wallet/payouts.ts';
import {
  BelowMinimum,
  IdentityNotVerified,
  PayoutOpen,
  requestPayout,
} from '#domain/wallet/request-payout.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AmountMinor } from '#platform/money.ts';
import { InsufficientBalance } from '#platform/problem.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Pay out what the caller’s shop has available, all of it or an amount.',
  method: 'POST',
  path: '/api/seller/payouts',
  access: 'seller',
  rateLimit: perActorShared(20, 'minute'),
  idempotency: 'required',
  // The password is compared before the transaction: that takes a while.
  effect: 'outside',
  inTurn: 'actor',
  body: z.object({
    /** Minor units of the shop’s currency. */
    amount: AmountMinor.optional(),
    password: GivenPassword.optional(),
    code: Code.optional(),
  }),
  status: 201,
  output: z.object({ payout: PayoutView }),
  problems: [
    ...[BelowMinimum, ConfirmationFailed, IdentityNotVerified, InsufficientBalance],
    ...[NoActiveShop, PayoutAccountNotReady, PayoutOpen, TooManyAttempts],
  ],

  handler: async ({ actor, body: { amount, ...confirmation }, operationId, now }) => {
    await confirm(actor.id, confirmation, now);
    const { _id, currency } = await ownShop(actor.id);
    const payout = await requestPayout(
      {
        payee: { type: 'shop', id: _id },
        ...{ user: actor.id, verified: await isVerified(actor.id, now) },
        ...{ source: 'sales', currency, amountMinor: amount, operation: operationId },
      },
      now,
    );
    return { payout: toPayoutView(payout) };
  },
});
