import { join } from 'node:path';
import { makePicture } from '#local/clips/clips.ts';
import { intention, newcomer, PASSWORD, type Person, signIn, upload } from './people.ts';
import { must, type Story, until } from './script.ts';

interface Stage {
  readonly url: string;
  readonly story: Story;
  readonly dir: string;
}

interface Cast extends Stage {
  readonly admin: Person;
  readonly seller: Person;
  readonly buyer: Person;
}

/** What the buyer takes home: a mug in blue, two bowls. */
interface Bought {
  readonly order: string;
  readonly mug: string;
  readonly bowls: string;
  readonly totalMinor: number;
}

const HOME = {
  name: 'Ben Buyer',
  phone: '+49 30 1234567',
  lines: ['Unter den Linden 1'],
  city: 'Berlin',
  postcode: '10117',
  country: 'DE',
};

const money = (minor: number): string => (minor / 100).toFixed(2);

/** A shop opens, sells, ships, takes something back and is paid; then the books are proven. */
export async function tellCommerce(stage: Stage): Promise<void> {
  const cast = await openShop(stage);
  const bought = await buy(cast, await list(cast));
  await ship(cast, bought);
  await giveBack(cast, bought);
  await payOut(cast);
  await proveLedger(cast);
}

async function openShop(stage: Stage): Promise<Cast> {
  const { url, story } = stage;
  const { person: admin } = await signIn(url, 'ada_runs_this', 'admin@mixillo.test');
  const [seller, buyer] = [await newcomer(url, 'sara'), await newcomer(url, 'ben')];
  await story.step('Sara wants to sell; staff verify her, and she has a shop', async () => {
    const { user } = await admin.client.adminVerify({ id: seller.id, note: 'known to us' });
    must(user.role === 'seller', 'a seller');
    const { shop } = await seller.client.sellerShop({ name: 'Sara makes pots' });
    must(shop.status === 'active', `an open shop, not ${shop.status}`);
    return shop.name;
  });
  return { ...stage, admin, seller, buyer };
}

interface Listed {
  readonly mug: string;
  readonly blueMug: string;
  readonly bowl: string;
}

async function list({ story, dir, seller }: Cast): Promise<Listed> {
  const { client } = seller;
  let listed: Listed | undefined;
  await story.step('She lists a mug in two colours, with a picture, and a bowl', async () => {
    const path = join(dir, 'mug.png');
    await makePicture(path, 1);
    const assetId = await upload(seller, path, 'product', 'image/png');
    await until(
      'the picture to be ready',
      60,
      () => client.mediaStatus({ assetId }),
      ({ asset }) => asset.status === 'ready',
    );
    const { categories } = await client.productsCategories({});
    const categoryId = categories[0]?.id ?? '';
    const mug = await client.productsCreate({
      title: 'Mug',
      categoryId,
      media: [assetId],
      options: [{ name: 'Colour', values: ['blue', 'white'] }],
      variants: ['blue', 'white'].map((Colour) => ({
        sku: `MUG-${Colour}`,
        optionValues: { Colour },
        priceMinor: 1800,
        stock: 3,
      })),
    });
    const bowl = await client.productsCreate({
      title: 'Bowl',
      categoryId,
      variants: [{ sku: 'BOWL', priceMinor: 2400, stock: 10 }],
    });
    const blue = mug.variants.find(({ sku }) => sku === 'MUG-blue');
    listed = { mug: mug.product.id, blueMug: blue?.id ?? '', bowl: bowl.product.id };
    return `${money(1800)} and ${money(2400)}`;
  });
  await story.step('She gives ten percent off, for two buyers only', async () => {
    const wish = { code: 'HELLO', kind: 'percent', value: 1000, budget: { uses: 2 } } as const;
    const { coupon } = await client.sellerCouponSave(wish, intention());
    return coupon.code;
  });
  must(listed, 'products');
  return listed;
}

async function buy({ story, buyer }: Cast, { mug, blueMug, bowl }: Listed): Promise<Bought> {
  const { client } = buyer;
  let bought: Bought | undefined;
  await story.step('Ben puts a blue mug and two bowls into his cart, with her coupon', async () => {
    await client.cartAdd({ productId: mug, variantId: blueMug }, intention());
    await client.cartAdd({ productId: bowl, quantity: 2 }, intention());
    const { totals } = await client.cartCoupon({ codes: ['HELLO'] });
    must(totals.discountMinor === 660, `6.60 off, not ${money(totals.discountMinor)}`);
    return `${money(totals.discountMinor)} off`;
  });
  await story.step(
    'A declined card leaves the order waiting; another card pays for it',
    async () => {
      const quote = await client.cartQuote({ address: HOME });
      const { orders, payment } = await client.cartCheckout(
        {
          address: HOME,
          paymentMethod: 'pm_card_chargeDeclined',
          expectedTotal: quote.totals.totalMinor,
        },
        intention(),
      );
      const [placed] = orders;
      must(placed?.status === 'pending_payment', 'an order that waits');
      must(payment?.status === 'failed', `a failed payment, not ${payment?.status}`);
      await client.ordersPay({ id: placed.id, paymentMethod: 'pm_card_visa' }, intention());
      await until(
        'the order to be paid by the signed webhook',
        20,
        () => client.ordersGet({ id: placed.id }),
        ({ order }) => order.status === 'on_hold',
      );
      const lineOf = (product: string) =>
        placed.lines.find(({ productId }) => productId === product)?.id ?? '';
      const { id: order, totalMinor } = placed;
      bought = { order, mug: lineOf(mug), bowls: lineOf(bowl), totalMinor };
      return `${money(totalMinor)} ${placed.currency}`;
    },
  );
  must(bought, 'an order');
  return bought;
}

const clockOf = (url: string, seconds: number) =>
  fetch(`${url}/_local/clock?advanceSeconds=${seconds}`, { method: 'POST' });
const jobOf = (url: string, name: string) =>
  fetch(`${url}/_local/jobs/${name}`, { method: 'POST' });
const settled = (url: string) => fetch(`${url}/_local/settle`, { method: 'POST' });

/** Time goes by, whatever is due happens, and everybody signs in again. */
async function wait({ url, admin, seller, buyer }: Cast, days: number): Promise<void> {
  await clockOf(url, days * 86_400);
  for (const job of ['orderDeadlines', 'maturePayouts']) await jobOf(url, job);
  await settled(url);
  for (const person of [admin, seller, buyer]) {
    const entered = await person.client.authLogin({ email: person.email, password: PASSWORD });
    must('token' in entered, 'a token');
    person.token = entered.token;
    person.refreshToken = entered.refreshToken;
  }
}

async function ship(cast: Cast, { order, mug, bowls }: Bought): Promise<void> {
  const { url, story, seller, buyer } = cast;
  const parcels: string[] = [];
  await story.step('Half an hour later Sara sees the address, and sends two parcels', async () => {
    await clockOf(url, 31 * 60);
    await jobOf(url, 'orderDeadlines');
    for (const [lineId, quantity] of [
      [mug, 1],
      [bowls, 2],
    ] as const) {
      const trackingNo = `JD${Date.now()}${parcels.length}`;
      const parcel = { carrier: 'dhl' as const, trackingNo, lines: [{ lineId, quantity }] };
      const { order: sent } = await seller.client.sellerOrderAction(
        { id: order, action: 'ship', ...parcel },
        intention(),
      );
      parcels.push(trackingNo);
      must(sent.address?.city === 'Berlin', 'the address');
    }
    return parcels.join(', ');
  });
  await story.step('The carrier tells of both; the order is delivered', async () => {
    for (const trackingNo of [...parcels, ...parcels])
      await fetch(`${url}/_local/carriers/dhl`, {
        method: 'POST',
        body: JSON.stringify({ trackingNo, status: 'delivered' }),
      });
    await until(
      'the order to be delivered',
      20,
      () => buyer.client.ordersGet({ id: order }),
      (answer) => answer.order.status === 'delivered',
    );
    return 'told twice, delivered once';
  });
}

async function giveBack({ url, story, seller, buyer }: Cast, bought: Bought): Promise<void> {
  let returnId = '';
  await story.step('One bowl is too many: Ben asks to give it back, and Sara agrees', async () => {
    const wish = { type: 'return_refund', reason: 'changed_mind' } as const;
    const { return: asked } = await buyer.client.returnsCreate(
      { id: bought.order, ...wish, lines: [{ lineId: bought.bowls, quantity: 1 }] },
      intention(),
    );
    returnId = asked.id;
    await seller.client.returnsAction({ id: returnId, action: 'approve' }, intention());
    return returnId;
  });
  await story.step('He sends it, she has it, and the money goes back to his card', async () => {
    const trackingNo = `RT${Date.now()}`;
    const parcel = { action: 'ship', carrier: 'dhl', trackingNo } as const;
    await buyer.client.returnsAction({ id: returnId, ...parcel }, intention());
    await fetch(`${url}/_local/carriers/dhl`, {
      method: 'POST',
      body: JSON.stringify({ trackingNo, status: 'delivered' }),
    });
    await settled(url);
    const received = { action: 'received', condition: 'resellable' } as const;
    await seller.client.returnsAction({ id: returnId, ...received }, intention());
    await seller.client.returnsAction({ id: returnId, action: 'approve' }, intention());
    const { order } = await until(
      'the refund',
      20,
      () => buyer.client.ordersGet({ id: bought.order }),
      (answer) => answer.order.refundedMinor > 0,
    );
    must(order.refundedMinor < bought.totalMinor, 'a part of what he paid');
    return money(order.refundedMinor);
  });
}

async function payOut(cast: Cast): Promise<void> {
  const { story, seller } = cast;
  const { client } = seller;
  await story.step('Sara says where she wants to be paid', async () => {
    const payoutAccount = { ref: 'ba_sara', label: 'Sara’s bank' };
    await client.sellerShop({ payoutAccount, password: PASSWORD });
    return payoutAccount.label;
  });
  await story.step(
    'The return window ends, the order is settled, the earnings are hers',
    async () => {
      await wait(cast, 15);
      await wait(cast, 4);
      const { available } = (await client.sellerPayouts({})).earnings;
      must(available > 0, 'something available');
      return money(available);
    },
  );
  await story.step('She is paid', async () => {
    const { payout } = await client.sellerPayoutRequest({ password: PASSWORD }, intention());
    await until(
      'the payout to have left',
      30,
      () => client.sellerPayouts({}),
      ({ payouts }) => payouts.some(({ id, status }) => id === payout.id && status === 'paid'),
    );
    return money(payout.amount);
  });
}

async function proveLedger({ url, story, admin }: Cast): Promise<void> {
  await story.step('The ledger is proven', async () => {
    await settled(url);
    const { proof, frozen } = await admin.client.adminLedgerAudit({ run: '1' });
    must(proof?.balanced && !frozen, JSON.stringify(proof?.differences));
    const { entries, journals, wallets, payments } = proof;
    return `${entries} entries in ${journals} journals, ${wallets} wallets, ${payments} payments; nothing differs`;
  });
}
