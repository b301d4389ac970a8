import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId, toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from './money.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

const PATH = '/api/wallet/transactions/export';
const YEAR = 'from=2026-01-01&to=2027-01-01';

describe('walletTransactionsExport', () => {
  test('gives the lines of a period as a table that no spreadsheet takes for formulas', async () => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')];
    await giveCash(alice.id, 1000);
    const send = (note: string, key: string) =>
      alice.post('/api/wallet/transfer', { to: bob.id, amount: 10, note }, { key });
    await send('=HYPERLINK("x")', '1');
    await send('rent, and "more"', '2');

    const { status, body } = await alice.get(`${PATH}?${YEAR}`);
    const [head, ...rows] = String(body['csv']).trimEnd().split('\r\n');

    expect([status, body['lines'], body['complete']]).toEqual([200, 3, true]);
    expect(body['fileName']).toBe('statement-2026-01-01-2027-01-01.csv');
    expect(head).toBe(
      'id,createdAt,type,direction,amount,currency,status,from,to,note,balanceAfter,ref',
    );
    expect(rows[0]).toContain(
      `transfer,out,-10,USD,completed,${alice.id},${bob.id},"rent, and ""more""",980`,
    );
    expect(rows[1]).toContain(`"'=HYPERLINK(""x"")"`);
    expect(rows[2]).toContain('topup,in,1000,USD,completed');
    expect(String((await bob.get(`${PATH}?${YEAR}`)).body['csv'])).not.toContain('topup');
  });

  test('says when there is more than one export holds, and refuses what is no period', async () => {
    const carol = await world.person('carol');
    await giveCash(carol.id, 5);
    const [line] = await raw('transactions')
      .find({ user: toId(carol.id) })
      .toArray();
    const copies = Array.from({ length: 5000 }, () => ({ ...line, _id: newId() }));
    await raw('transactions').insertMany(copies as never);

    const { body } = await carol.get(`${PATH}?${YEAR}`);

    expect([body['lines'], body['complete']]).toEqual([5000, false]);
    expect((await carol.get(`${PATH}?from=2026-01-01&to=2028-01-01`)).status).toBe(400);
    expect((await carol.get(`${PATH}?from=2026-01-02&to=2026-01-01`)).status).toBe(400);
    expect((await carol.get(PATH)).status).toBe(400);
  });
});
