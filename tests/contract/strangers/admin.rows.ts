import { newId } from '#platform/id.ts';
import { staffMember } from '../../support/sellers.ts';
import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  adminBan: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['users.ban']);
    return staff.put(`/api/admin/users/${newId().toHexString()}/ban`, { reason: 'nobody' });
  }),
  adminOrderAction: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['money.refund']);
    const nobodys = `/api/admin/orders/${newId().toHexString()}/actions`;
    return staff.post(nobodys, { action: 'deliver', reason: 'Whose?' }, { key: 'nobody' });
  }),
  adminLiveRelease: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['live.stop']);
    const nobodys = `/api/admin/live/${newId().toHexString()}/release`;
    return staff.post(nobodys, { reason: 'Whose?' }, { key: 'nobody' });
  }),
  adminActions: {
    ask: async ({ world, alice }) => {
      const staff = await staffMember(world, ['audit.read']);
      return staff.get(`/api/admin/actions?target=${alice.id}`);
    },
    told: { status: 200, because: 'staff who may read the trail may read all of it' },
  },
};
