import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  walletGift: hidden(({ bob, alice }) =>
    bob.post('/api/wallet/gifts', { giftId: 'rose', userId: alice.id }),
  ),
};
