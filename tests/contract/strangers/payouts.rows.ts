import { newId } from '#platform/id.ts';
import { staffMember } from '../../support/sellers.ts';
import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  adminPayoutAction: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['money.adjust']);
    const nobodys = `/api/admin/payouts/${newId().toHexString()}/actions`;
    return staff.post(nobodys, { action: 'hold', reason: 'Who is it?' }, { key: 'nobody' });
  }),
  adminAdjust: hidden(async ({ world }) => {
    const staff = await staffMember(world, ['money.adjust']);
    const wish = { target: 'wallet', amount: 1, currency: 'USD', reason: 'Nobody' };
    const nobody = { ...wish, id: newId().toHexString() };
    return staff.post('/api/admin/wallet/adjustments', nobody, { key: 'nobody' });
  }),
};
