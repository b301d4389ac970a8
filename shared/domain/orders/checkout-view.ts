import { z } from 'zod';
import { IdText } from '#platform/id.ts';
import { OrderView, toOrderView } from './order-view.ts';
import type { PlacedCheckout } from './pay-checkout.ts';
import { PaymentView, toPaymentView } from './payments.ts';

/** `wallet`, or the provider’s id of a card. */
export const PaymentMethod = z
  .string()
  .trim()
  .regex(/^\w{1,100}$/);

/** What was ordered together, for who ordered it. */
export const CheckoutView = z.object({
  checkoutId: IdText,
  orders: z.array(OrderView),
  /** Null when nothing has to be paid. */
  payment: PaymentView.nullable(),
});

export const toCheckoutView = (placed: PlacedCheckout): z.infer<typeof CheckoutView> => ({
  checkoutId: placed.checkout.toHexString(),
  orders: placed.orders.map((order) => toOrderView(order, 'buyer')),
  payment: placed.payment && toPaymentView(placed.payment),
});
