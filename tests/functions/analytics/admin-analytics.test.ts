import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnalyticsRows } from '#domain/analytics/analytics.model.ts';
import { hours } from '#platform/clock.ts';
import type { Answer } from '../../support/caller.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';
import { giveCash } from '../wallet/money.ts';

let world: World;
let analyst: Person;

beforeAll(async () => {
  world = await startWorld({ background: false });
  const [ann, ben] = [await world.person('ann'), await world.person('ben')];
  await giveCash(ann.id, 5000);
  await ann.post('/api/wallet/transfer', { to: ben.id, amount: 700 }, { key: 'one' });
  analyst = await staffMember(world, ['analytics.read']);
});
afterAll(() => world.stop());

const metricIn = ({ body }: Answer, name: string) =>
  (body['metrics'] as unknown as { name: string; total: number; points: unknown[] }[]).find(
    (metric) => metric.name === name,
  );

describe('adminAnalytics', () => {
  test('counts what happened and what was moved, also before anything was rolled up', async () => {
    const answer = await analyst.get('/api/admin/analytics?granularity=hour');

    expect(metricIn(answer, 'count:user.registered')).toMatchObject({ unit: 'events', total: 3 });
    expect(metricIn(answer, 'volume:transfer:USD')).toMatchObject({ unit: 'minor', total: 700 });
    expect(metricIn(answer, 'volume:payment:USD')).toMatchObject({ total: 5000 });
  });

  test('says the same after the hours have been kept, twice, and the days summed', async () => {
    world.advance(hours(2));
    expect(await world.runJob('rollupAnalytics')).toBe(200);
    expect(await world.runJob('rollupAnalytics')).toBe(200);
    world.advance(hours(23));
    expect(await world.runJob('rollupAnalytics')).toBe(200);
    analyst = await staffMember(world, ['analytics.read']);

    const byDay = await analyst.get('/api/admin/analytics');
    const byHour = await analyst.get('/api/admin/analytics?granularity=hour');

    expect(await AnalyticsRows.countDocuments({ bucket: 'day' })).toBeGreaterThan(1);
    expect(metricIn(byDay, 'volume:transfer:USD')).toMatchObject({ total: 700 });
    expect(metricIn(byHour, 'volume:transfer:USD')).toMatchObject({ total: 700 });
    expect(metricIn(byDay, 'count:user.registered')?.total).toBe(4);
  });

  test.each(['?from=2020-01-01', '?from=2026-01-02&to=2026-01-01', '?granularity=minute'])(
    'refuses %s',
    async (query) => {
      expect((await analyst.get(`/api/admin/analytics${query}`)).status).toBe(400);
    },
  );
});
