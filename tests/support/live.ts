import { COIN, coinsOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Person } from './people.ts';

/** Coins on a person's account, as if they had bought them. */
export async function giveCoins(person: Person, coins: number): Promise<void> {
  const user = toId<'user'>(person.id);
  const movement = { to: coinsOf(user), amountMinor: coins, currency: COIN };
  await transaction(() =>
    post(
      {
        event: { type: 'coins', id: newId() },
        movements: [{ from: 'coin_issue', ...movement }],
        line: { type: 'coins', to: user },
      },
      clock.now(),
    ),
  );
}

export interface Holdings {
  readonly coins: number;
  readonly diamonds: number;
}

/** What a person has of coins and diamonds. */
export async function holdingsOf(person: Person): Promise<Holdings> {
  const { body } = await person.get('/api/wallet/balance');
  return { coins: Number(body['coins']), diamonds: Number(body['diamonds']) };
}
