import { type Buyer, CHECKOUT, checkOut, fillCart, openMarket } from '../support/market.ts';
import { cpuMsBelow } from '../support/processes.ts';
import type { Row } from '../support/row.ts';
import { startFunction } from '../support/server.ts';

const BUYERS = 16;
const LINES = 2;
const WARM_UP_SECONDS = 3;
const SECONDS = 15;

/** How long a buyer waits at the till. */
export const checkout: Row = {
  name: 'checkout',
  about:
    'cartCheckout of two products of one shop, paid from the wallet, over HTTP: session, idempotency key, quote, stock, orders, payment, double-entry ledger, fulfilment and events; 16 buyers who each order again as soon as they have their answer and a full cart. Nothing to compare it with: how much of it a plain transaction could leave out is a matter of taste. The row `drop` does compare.',
  run: async (say) => {
    const { buyers, products } = await openMarket({ buyers: BUYERS, products: BUYERS * LINES });
    const ours = await startFunction('cartCheckout', { path: CHECKOUT, status: 405 });
    try {
      const baskets = buyers.map((buyer, index) => ({
        buyer,
        products: products.slice(index * LINES, (index + 1) * LINES),
      }));
      await buyOn(ours.url, baskets, WARM_UP_SECONDS);
      const cpuBefore = await cpuMsBelow(process.pid);
      const took = await buyOn(ours.url, baskets, SECONDS);
      const cpuMs = ((await cpuMsBelow(process.pid)) - cpuBefore) / took.length;
      say(`  ${took.length} checkouts in ${SECONDS} s`);
      return [
        { what: `${BUYERS} buyers, throughput`, unit: 'orders/s', ours: took.length / SECONDS },
        { what: `${BUYERS} buyers, p50`, unit: 'ms', ours: percentile(took, 0.5) },
        { what: `${BUYERS} buyers, p99`, unit: 'ms', ours: percentile(took, 0.99) },
        { what: `${BUYERS} buyers, processor time`, unit: 'ms', ours: cpuMs },
      ];
    } finally {
      await ours.stop();
    }
  },
};

interface Basket {
  readonly buyer: Buyer;
  readonly products: Parameters<typeof fillCart>[1];
}

/** Everybody orders again and again; the milliseconds that each checkout took, without filling the cart. */
async function buyOn(url: string, baskets: readonly Basket[], seconds: number): Promise<number[]> {
  const end = performance.now() + seconds * 1000;
  const took: number[] = [];
  await Promise.all(
    baskets.map(async ({ buyer, products }) => {
      while (performance.now() < end) {
        await fillCart(buyer, products);
        const sent = performance.now();
        const response = await checkOut(url, buyer);
        const answer = await response.text();
        took.push(performance.now() - sent);
        if (response.status !== 201) throw new Error(`checkout: ${response.status} ${answer}`);
      }
    }),
  );
  return took;
}

function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new RangeError('A percentile of nothing');
  return value;
}
