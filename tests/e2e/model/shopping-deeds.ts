/** Deeds of buyers before anything is sent: ordering and paying, and what their banks do. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { toId } from '#platform/id.ts';
import { raw } from '../../domain/wallet/books.ts';
import type { Body } from '../../support/caller.ts';
import { HOME } from '../../support/orders.ts';
import { authenticate } from '../../support/payments.ts';
import { BUYERS, type Buyer, COUPONS, CREATOR, PRODUCTS, productOf } from './cast.ts';
import { aChoice, asks, chosen, type Deed, deed, happens, type Plan } from './deed.ts';
import { CARDS } from './money.ts';
import { nothing } from './order-deeds.ts';
import type { Checkout, Order } from './orders.ts';
import { sumOf } from './prices.ts';
import { type Stage, served } from './stage.ts';

const aCard = fc.constantFrom(...CARDS);
const aBasket = fc.uniqueArray(
  fc.record({
    product: fc.nat(PRODUCTS.length - 1),
    quantity: fc.integer({ min: 1, max: 3 }),
    promoted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4, selector: ({ product }) => product },
);

export const checkOut = (weight: number, buyers: fc.Arbitrary<Buyer>): Deed =>
  deed(
    weight,
    fc.tuple(buyers, aBasket, aCard, fc.subarray(COUPONS.map(({ code }) => code))),
    (stage, [buyer, basket, card, wanted]) => {
      const goods = basket.toSorted((a, b) => a.product - b.product);
      const shops = new Set(goods.map(({ product }) => productOf(product).shop));
      const usable = COUPONS.filter(({ shop }) => shop === undefined || shops.has(shop));
      const codes = usable.map(({ code }) => code).filter((code) => wanted.includes(code));
      return {
        act: async () => {
          const { products, people } = stage.cast;
          const items: string[] = [];
          for (const { product, quantity, promoted } of goods) {
            const { id: productId, variants } = products[product] ?? {};
            const source = promoted && { source: { affiliateId: stage.idOf(CREATOR) } };
            const wish = { productId, variantId: variants?.[0], quantity, ...source };
            const { status, body } = await stage.post(buyer, '/api/cart/items', wish);
            expect(status).toBe(201);
            items.push(String(body['item']?.['id']));
          }
          const wish = { paymentMethod: card, address: HOME, coupon: codes };
          const answer = await stage.post(buyer, '/api/cart/checkout', wish);
          for (const item of answer.status < 400 ? [] : items)
            await served(() => people[buyer].delete(`/api/cart/items/${item}`));
          return answer;
        },
        verdict: () => stage.oracle.checkouts.checkOut({ buyer, goods, card, codes }),
        note: (body) => {
          for (const order of stage.oracle.checkouts.orders)
            if (order.id === '') note(stage, order, body['orders']);
        },
      };
    },
  );

/** The order as the buyer is shown it costs what it must. */
function note({ cast }: Stage, order: Order, shown: Body | undefined): void {
  const { lines, shipping, shop, total, coupons } = order.price;
  const view = [...(shown ?? [])].find(({ shopId }) => String(shopId) === cast.shops[shop]?.id);
  expect(view).toMatchObject({
    totalMinor: total,
    itemsMinor: sumOf(lines, 'items'),
    taxMinor: sumOf(lines, 'tax') + shipping.tax,
    discountMinor: sumOf(coupons, 'minor'),
  });
  const idOf = (variant: string | undefined) =>
    [...(view?.['lines'] ?? [])].find(({ variantId }) => String(variantId) === variant)?.['id'];
  order.id = String(view?.['id']);
  order.lineIds = lines.map(({ product }) => String(idOf(cast.products[product]?.variants[0])));
}

/** What the bank calls the newest payment for a checkout that is like this. */
async function refOf(stage: Stage, checkout: Checkout, like: object): Promise<string> {
  const ids = stage.oracle.checkouts.of(checkout).map(({ id }) => toId(id));
  const payments = raw('payments').find({ ...like, 'allocations.order': { $in: ids } });
  const [payment] = await payments.sort({ _id: -1 }).toArray();
  return String(payment?.['providerRef']);
}

/** Something that a buyer’s bank does about what was paid for such an order. */
const byBank = <Said>(
  weight: number,
  said: fc.Arbitrary<Said>,
  makesSense: (order: Order) => boolean,
  plan: (stage: Stage, checkout: Checkout, said: Said) => Plan,
): Deed =>
  deed(weight, fc.tuple(fc.nat(3), said), (stage, [nth, how]) => {
    const order = chosen(stage.oracle.checkouts.orders, { nth }, makesSense);
    return order && plan(stage, order.checkout, how);
  });

const isUnpaid = ({ status }: Order): boolean => status === 'pending_payment';
const isAsking = ({ checkout }: Order): boolean => checkout.asking !== undefined;
const isDisputable = ({ checkout, card = 'wallet', price }: Order): boolean =>
  checkout.dispute === 'none' && card !== 'wallet' && price.total > 0;
const isDisputed = ({ checkout }: Order): boolean => checkout.dispute === 'open';

export const SHOPPING = {
  checkOut: checkOut(12, fc.constantFrom(...BUYERS)),
  payAgain: deed(3, fc.tuple(aChoice, aCard), (stage, [choice, card]) => {
    const { checkouts } = stage.oracle;
    const order = chosen(checkouts.orders, choice, isUnpaid);
    if (!order) return undefined;
    const wish = { paymentMethod: card };
    return asks(stage, [order.checkout.buyer, `/api/orders/${order.id}/pay`, wish], () =>
      checkouts.payAgain(order, card),
    );
  }),
  /** A buyer tells their bank that it is them. */
  consent: byBank(3, nothing, isAsking, (stage, checkout) =>
    happens(
      async () =>
        authenticate(stage.cast.world, await refOf(stage, checkout, { status: 'requires_action' })),
      () => stage.oracle.checkouts.consent(checkout),
    ),
  ),
  /** The bank takes all of a payment back. */
  dispute: byBank(2, nothing, isDisputable, (stage, checkout) =>
    happens(
      async () => {
        const ref = await refOf(stage, checkout, { capturedMinor: { $gt: 0 } });
        const opened = await stage.cast.world.payments('POST', `charges/${ref}/dispute`);
        checkout.disputeId = (opened as { readonly id: string }).id;
      },
      () => stage.oracle.checkouts.openDispute(checkout),
    ),
  ),
  endDispute: byBank(3, fc.constantFrom('won', 'lost'), isDisputed, (stage, checkout, outcome) => {
    const path = `disputes/${checkout.disputeId}/close`;
    return happens(
      () => stage.cast.world.payments('POST', path, { outcome }),
      () => stage.oracle.checkouts.endDispute(checkout, outcome),
    );
  }),
};
