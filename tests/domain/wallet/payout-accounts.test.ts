import { afterAll, beforeAll, expect, test } from 'vitest';
import { payoutAccountOf, savePayoutAccount } from '#domain/wallet/payout-accounts.ts';
import { hours } from '#platform/clock.ts';
import { newId } from '#platform/id.ts';
import { startWorld, type World } from '../../support/world.ts';
import { raw } from './books.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

const at = (hour: number) => new Date(Date.UTC(2030, 0, 1) + hours(hour));

test('an account keeps its age until it is another one, or money came back from it', async () => {
  const payee = { type: 'shop', id: newId() } as const;
  const save = (ref: string, label: string, hour: number) =>
    savePayoutAccount(payee, { ref, label }, at(hour));

  expect(await payoutAccountOf(payee)).toBeNull();
  await save('ba_one', 'DE •• 1111', 0);
  await save('ba_one', 'Savings', 5);
  expect(await payoutAccountOf(payee)).toMatchObject({
    payee,
    ...{ ref: 'ba_one', label: 'Savings', since: at(0), schedule: 'manual', payouts: 0 },
  });
  await save('ba_two', 'DE •• 2222', 6);
  expect(await payoutAccountOf(payee)).toMatchObject({ ref: 'ba_two', since: at(6) });

  await raw('payoutaccounts').updateOne(
    { 'payee.id': payee.id },
    { $set: { flagged: { reason: 'account_closed', at: at(7) } } },
  );
  await save('ba_two', 'DE •• 2222', 8);
  const anew = await payoutAccountOf(payee);
  expect(anew).toMatchObject({ ref: 'ba_two', since: at(8) });
  expect(anew?.flagged).toBeUndefined();
});

test('the account of a person is theirs, and no shop’s of the same id', async () => {
  const id = newId();
  await savePayoutAccount({ type: 'user', id }, { ref: 'ba_me', label: 'Mine' }, at(0));

  expect(await payoutAccountOf({ type: 'user', id })).toMatchObject({ person: id });
  expect(await payoutAccountOf({ type: 'shop', id })).toBeNull();
});
