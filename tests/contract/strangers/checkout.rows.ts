import { anAddress } from '../../support/cart.ts';
import { anUnpaidOrder } from '../../support/orders.ts';
import { aShop } from '../../support/sellers.ts';
import { aProduct } from '../../support/shop.ts';
import { hidden, type Strangers } from './stage.ts';

export const rows: Strangers = {
  cartCheckout: hidden(async ({ alice, bob }) => {
    const addressId = await anAddress(alice);
    return bob.post('/api/cart/checkout', { addressId, paymentMethod: 'wallet' });
  }),
  ordersPay: hidden(async ({ world, alice, bob }) => {
    const seller = await world.person('seller');
    await aShop(world, seller);
    const { id } = await anUnpaidOrder(alice, await aProduct(seller));
    return bob.post(`/api/orders/${id}/pay`, { paymentMethod: 'wallet' }, { key: 'not-mine' });
  }),
};
