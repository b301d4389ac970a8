import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminActions } from '#domain/admin/admin-action.model.ts';
import { staffMember } from '../../support/sellers.ts';
import { startWorld, type World } from '../../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ background: false });
});
afterAll(() => world.stop());

describe('adminCouponSave', () => {
  test('makes a coupon that the platform pays for, and writes down who did', async () => {
    const staff = await staffMember(world, ['catalogue.write']);
    const terms = { kind: 'shipping', value: 10_000, budget: { limitMinor: 50_000 } };

    const made = await staff.put('/api/admin/coupons/freeship', terms, { key: 'make' });
    const stopped = await staff.put(
      '/api/admin/coupons/FREESHIP',
      { status: 'stopped' },
      { key: 'stop' },
    );

    expect(made.body['coupon']).toMatchObject({ code: 'FREESHIP', funding: 'platform' });
    expect(stopped.body['coupon']).toMatchObject({ status: 'stopped', value: 10_000 });
    const deeds = await AdminActions.find({ actor: staff.id }).sort({ _id: 1 }).lean();
    expect(deeds).toMatchObject([
      { action: 'coupon.save', after: { status: 'active' } },
      { action: 'coupon.save', before: { status: 'active' }, after: { status: 'stopped' } },
    ]);
  });

  test('keeps the platform’s codes apart from those of shops', async () => {
    const staff = await staffMember(world, ['catalogue.write']);
    const save = (body: unknown, key: string) =>
      staff.put('/api/admin/coupons/SAME', body, { key });

    expect((await save({ value: 100 }, 'incomplete')).status).toBe(400);
    expect((await save({ kind: 'amount', value: 100 }, 'whole')).status).toBe(200);
    expect((await save({ value: 50, budget: { limitMinor: 60 } }, 'less')).status).toBe(200);
  });
});
