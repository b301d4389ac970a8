import { createHmac } from 'node:crypto';
import { COIN, coinsOf } from '#domain/wallet/accounts.ts';
import { post } from '#domain/wallet/ledger.ts';
import { clock } from '#platform/clock.ts';
import { transaction } from '#platform/database.ts';
import { newId, toId } from '#platform/id.ts';
import type { Answer } from './caller.ts';
import type { Person } from './people.ts';
import type { World } from './world.ts';

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

/** A stream that is on air; returns its id. */
export async function goLive(
  host: Person,
  facts: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const started = await host.post(
    '/api/live/start',
    { title: 'Bread', ...facts },
    { key: newKey() },
  );
  const id = String(started.body['stream']?.['id']);
  const { status } = await host.post(`/api/live/${id}/heartbeat`, {});
  if (started.status !== 201 || status !== 200)
    throw new Error(`live: ${started.status} ${JSON.stringify(started.body)}, ${status}`);
  return id;
}

const newKey = (): string => newId().toHexString();

/** What the video provider tells of a channel, signed as it does. */
export function providerSays(
  world: World,
  eventType: number,
  payload: Readonly<Record<string, unknown>>,
  noticeId: string = newKey(),
): Promise<Answer> {
  const body = JSON.stringify({ noticeId, productId: 1, eventType, notifyMs: 1, payload });
  const secret = process.env['AGORA_WEBHOOK_SECRET'] ?? '';
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'agora-signature-v2': signature };
  return world.send('POST', '/api/live/webhooks/agora', { body, headers });
}
