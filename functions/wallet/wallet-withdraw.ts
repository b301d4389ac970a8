import { z } from 'zod';
import { ConfirmationFailed, TooManyAttempts } from '#domain/auth/auth-problems.ts';
import { Code, confirm } from '#domain/auth/second-factor.ts';
import { heldDiamonds } from '#domain/live/held-earnings.ts';
import { isVerified } from '#domain/sellers/verifications.ts';
import { GivenPassword } from '#domain/users/words.ts';
import { requireMoneyAge, UnderAge } from '#domain/wallet/money-age.ts';
import { PayoutAccountNotReady, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { PayoutView, toPayoutView } from '#domain/wallet/payouts.ts';
import {
  BelowMinimum,
  EarningsHeld,
  IdentityNotVerified,
  PayoutOpen,
  requestPayout,
  withdrawDiamonds,
} from '#domain/wallet/request-payout.ts';
import { currencyOf } from '#domain/wallet/wallets.ts';
import { endpoint } from '#platform/endpoint.ts';
import { AmountMinor } from '#platform/money.ts';
import { InsufficientBalance } from '#platform/problem.ts';
import { perActorShared } from '#platform/rate-limit.ts';

export default endpoint({
  summary: 'Pay out diamonds or what the caller has earned as an affiliate.',
  method: 'POST',
  path: '/api/wallet/withdrawals',
  access: 'confirm',
  restrictedBy: 'pay',
  rateLimit: perActorShared(20, 'minute'),
  idempotency: 'required',
  // The password is compared before the transaction, and a new account is kept when it must wait.
  effect: 'outside',
  inTurn: 'actor',
  body: z.object({
    from: z.enum(['diamonds', 'affiliate']),
    /** How many diamonds, or how much in minor units; all of an affiliate balance when left out. */
    amount: AmountMinor.optional(),
    /** Where to; the account named before when left out. A new one has to wait. */
    account: z
      .object({
        /** The provider’s id of a bank account. */
        ref: z
          .string()
          .trim()
          .regex(/^\w{1,100}$/),
        label: z.string().trim().min(1).max(60),
      })
      .optional(),
    password: GivenPassword.optional(),
    code: Code.optional(),
  }),
  status: 201,
  output: z.object({ payout: PayoutView }),
  problems: [
    ...[BelowMinimum, ConfirmationFailed, EarningsHeld, IdentityNotVerified, InsufficientBalance],
    ...[PayoutAccountNotReady, PayoutOpen, TooManyAttempts, UnderAge],
  ],

  handler: async ({ actor: { id }, body, operationId: operation, now }) => {
    await confirm(id, body, now);
    await requireMoneyAge(id, now);
    const payee = { type: 'user', id } as const;
    if (body.account) await savePayoutAccount(payee, body.account, now);
    const wish = { payee, user: id, verified: await isVerified(id, now), operation };
    const payout =
      body.from === 'diamonds'
        ? await withdrawDiamonds(
            { ...wish, diamonds: body.amount ?? 0, held: await heldDiamonds(id) },
            now,
          )
        : await requestPayout(
            {
              ...wish,
              ...{ source: 'affiliate', currency: await currencyOf(id), amountMinor: body.amount },
            },
            now,
          );
    return { payout: toPayoutView(payout) };
  },
});
