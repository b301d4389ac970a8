/** Everybody as they are before anything has happened. */
import { AffiliateOffers } from '#domain/sellers/affiliate-offer.model.ts';
import { changeSetting } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { giveCash } from '../../functions/wallet/money.ts';
import { aCoupon, ourCoupon } from '../../support/cart.ts';
import { fundProvider, verified, withAccount } from '../../support/payouts.ts';
import { aShop, staffMember, type TestShop } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';
import * as cast from './cast.ts';
import type { Cast } from './stage.ts';

export async function engage(world: World): Promise<Cast> {
  const hired: [string, unknown][] = [];
  for (const name of cast.PEOPLE) hired.push([name, await world.person(name)]);
  for (const name of ['staff', 'other'])
    hired.push([name, await staffMember(world, ['money.adjust', 'money.refund'])]);
  const people = Object.fromEntries(hired) as Cast['people'];
  for (const buyer of cast.BUYERS) await giveCash(people[buyer].id, cast.PURSE);
  const shops: TestShop[] = [];
  for (const { owner, shipping, freeFrom } of cast.SHOPS) {
    const { rate: rateMinor, perExtraPiece: perItemMinor } = shipping;
    const price = { rateMinor, perItemMinor, freeFromMinor: freeFrom };
    const method = { code: 'standard', name: 'Standard', ...price, minDays: 2, maxDays: 4 };
    const everywhere = { name: 'Everywhere', countries: ['*'], handlingDays: 1, methods: [method] };
    shops.push(await aShop(world, people[owner], { shipping: [everywhere] }));
  }
  const products: AProduct[] = [];
  for (const { shop, category, taxClass, price, stock, promoBps } of cast.PRODUCTS) {
    const variants = [{ priceMinor: price, stock }];
    const seller = people[cast.shopOf(shop).owner];
    const product = await aProduct(seller, { category, taxClass, variants });
    products.push(product);
    if (promoBps > 0) await promote(world, people, product, promoBps);
  }
  for (const name of [cast.CREATOR, ...cast.SELLERS] as const) await verified(people[name]);
  await withAccount({ type: 'user', id: toId(people[cast.CREATOR].id) });
  for (const { id } of shops) await withAccount({ type: 'shop', id: toId(id) });
  for (const { code, shop, cap, minSpend, uses, budget, ...rest } of cast.COUPONS) {
    const limits = { capMinor: cap, minSpendMinor: minSpend, budget: { uses, limitMinor: budget } };
    if (shop === undefined) await ourCoupon(world, code, { ...rest, ...limits });
    else await aCoupon(people[cast.shopOf(shop).owner], code, { ...rest, ...limits });
  }
  await prepareMoney(world);
  return { world, people, shops, products };
}

async function promote(
  world: World,
  people: Cast['people'],
  { id, shop }: AProduct,
  rateBps: number,
): Promise<void> {
  const creator = toId(people[cast.CREATOR].id);
  const joined = { user: creator, status: 'joined', rateBps, joinedAt: world.now() };
  const offer = { kind: 'open', rateBps, rateSince: world.now(), currency: 'USD' };
  const of = { shop: toId(shop), seller: toId(people.sue.id), product: toId(id) };
  await AffiliateOffers.create([{ ...of, ...offer, creators: [joined] } as never]);
}

async function prepareMoney(world: World): Promise<void> {
  await world.payments('PUT', `accounts/${process.env['STRIPE_SECRET_KEY']}`, {
    webhookUrl: `${world.url}/api/payments/webhooks/stripe`,
    webhookSecret: process.env['STRIPE_WEBHOOK_SECRET'],
  });
  await fundProvider(world, 100_000_000);
  await changeSetting('payouts.minimumMinor', cast.PAYOUTS.minimum);
  await changeSetting('wallet.withdrawMinimumDiamonds', cast.PAYOUTS.minimumDiamonds);
}
