import { startPayment } from '#domain/orders/payments.ts';
import { applyTruth } from '#domain/orders/provider-truth.ts';
import { expectCredit } from '#domain/wallet/expected-credit.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Person } from '../../support/people.ts';

/** Money on a person's account as a captured top-up leaves it, without asking any provider. */
export async function giveCash(user: string, amountMinor: number, now = new Date()): Promise<void> {
  const payer = toId<'user'>(user);
  const currency = 'USD';
  const payment = await transaction(async () => {
    const wish = { purpose: 'topup', payer, provider: 'stripe', method: 'pm_card_visa' } as const;
    const operation = newId().toHexString();
    const begun = await startPayment({ ...wish, amountMinor, currency, operation }, now);
    const ref = { type: 'payment', id: begun._id };
    await expectCredit({ user: payer, type: 'topup', amountMinor, currency, ref });
    return begun;
  });
  const providerRef = `pi_test_${payment._id.toHexString()}`;
  const truth = {
    providerRef,
    status: 'captured',
    amountMinor,
    capturedMinor: amountMinor,
  } as const;
  await applyTruth(payment._id, { ...truth, currency }, now);
}

export const balanceOf = async (person: Person): Promise<number> => {
  const { body } = await person.get('/api/wallet/balance');
  return Number(body['balance']);
};

/** All pages of a statement. */
export async function statementOf(person: Person) {
  const { body } = await person.get('/api/wallet/transactions?limit=100');
  return body['transactions'] as unknown as readonly Record<string, unknown>[];
}
