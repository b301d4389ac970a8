import { newId } from '#platform/id.ts';
import { aPaidCreator, earn } from '../../support/payouts.ts';
import { PASSWORD } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  walletPayoutCancel: hidden(async ({ world, bob }) => {
    const creator = await aPaidCreator(world);
    await earn(creator, 5000);
    const wish = { from: 'affiliate', password: PASSWORD };
    const { body } = await creator.person.post('/api/wallet/withdrawals', wish, { key: 'theirs' });
    const id = String(body['payout']?.['id']);
    return bob.post(`/api/wallet/payouts/${id}/cancel`, {}, { key: 'cancel-theirs' });
  }),
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
