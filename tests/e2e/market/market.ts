/**
 * A small market in which everybody does something all the time: buyers buy, pay, give, cancel and
 * return, sellers ship and are paid out, a creator broadcasts, staff decides, parcels arrive, banks
 * send money back, and the clockwork runs jobs. Each wish has a key and is asked for again until it
 * is answered, so that the host may die at any moment.
 */

import { saveShop } from '#domain/sellers/save-shop.ts';
import { changeSetting, type SettingKey } from '#domain/system/settings.ts';
import { toId } from '#platform/id.ts';
import { giveCash } from '../../functions/wallet/money.ts';
import { aContent } from '../../support/contents.ts';
import { giveCoins } from '../../support/live.ts';
import { aPaidCreator, aPaidSeller, earn, fundProvider } from '../../support/payouts.ts';
import type { Person } from '../../support/people.ts';
import { staffMember } from '../../support/sellers.ts';
import { type AProduct, aProduct } from '../../support/shop.ts';
import type { World } from '../../support/world.ts';
import { wishOfBuyer } from './buyers.ts';
import { clockwork } from './clockwork.ts';
import { wishOfCreator, wishOfSeller, wishOfStaff } from './sellers.ts';
import { type Actor, type Wish, wishing } from './wishes.ts';

export const START = { cashMinor: 500_000, coins: 200, earnedMinor: 50_000 } as const;
/** In stock of the first product of each shop; the second is scarce. */
const PLENTY = 5000;
const SCARCE = 15;

interface MarketShop {
  readonly id: string;
  readonly owner: Person;
  readonly products: readonly AProduct[];
}

export interface Cast {
  readonly world: World;
  readonly buyers: readonly Person[];
  readonly shops: readonly MarketShop[];
  readonly creator: Person;
  readonly contentId: string;
  readonly staff: Person;
}

export interface Market extends Cast {
  readonly actors: readonly Actor[];
  readonly wishes: readonly Wish[];
}

/** Everything that waits, waits for a day, so that it comes about while hosts die. */
const SETTINGS: Readonly<Partial<Record<SettingKey, number>>> = {
  'orders.onHoldMinutes': 0,
  'orders.shipDays': 1,
  'orders.lateCancelDays': 1,
  'orders.transitDays': 1,
  'orders.settleHoldDays': 1,
  'returns.windowDays': 1,
  'returns.shipDays': 1,
  'returns.escalateDays': 1,
  'payouts.minimumMinor': 1,
  'payouts.accountAgeHours': 0,
  'payouts.approvalOverMinor': 4000,
  'wallet.withdrawMinimumDiamonds': 10,
};

export async function openMarket(world: World): Promise<Market> {
  for (const [key, value] of Object.entries(SETTINGS))
    await changeSetting(key as SettingKey, value as never);
  await fundProvider(world, 1_000_000_000);
  const cast = await aCast(world);
  const wishes: Wish[] = [];
  const actors = [
    ...cast.buyers.map((buyer) => wishing(wishes, () => wishOfBuyer(cast, buyer))),
    ...cast.shops.map(({ owner }) => wishing(wishes, () => wishOfSeller(owner))),
    wishing(wishes, () => wishOfCreator(cast.creator)),
    wishing(wishes, () => wishOfStaff(cast)),
    clockwork(world),
  ];
  return { ...cast, actors, wishes };
}

async function aCast(world: World): Promise<Cast> {
  const shops: MarketShop[] = [];
  for (let count = 0; count < 2; count += 1) {
    const seller = await aPaidSeller(world);
    const { person: owner, payee } = seller;
    await saveShop(toId(owner.id), { returnPolicy: { days: 1, text: '' } }, world.now());
    await earn(seller, START.earnedMinor);
    const products = [
      await aProduct(owner, { variants: [{ priceMinor: 1999, stock: PLENTY }] }),
      await aProduct(owner, { variants: [{ priceMinor: 777, stock: SCARCE }] }),
    ];
    shops.push({ id: payee.id.toHexString(), owner, products });
  }
  const buyers: Person[] = [];
  for (let count = 0; count < 4; count += 1) {
    const buyer = await world.person('buyer');
    await giveCash(buyer.id, START.cashMinor);
    await giveCoins(buyer, START.coins);
    buyers.push(buyer);
  }
  const { person: creator } = await aPaidCreator(world);
  const contentId = await aContent(creator);
  const may = ['money.refund', 'money.adjust', 'money.read', 'orders.read'] as const;
  return { world, buyers, shops, creator, contentId, staff: await staffMember(world, may) };
}

/** Signs everybody in anew, by the clock as it was moved. */
export async function renewTokens({ world, buyers, shops, creator, staff }: Cast): Promise<void> {
  for (const person of [...buyers, ...shops.map(({ owner }) => owner), creator, staff]) {
    const { refreshToken } = person;
    const { status, body } = await world.post('/api/auth/refresh', { refreshToken });
    if (status !== 200) throw new Error(`refresh: ${status} ${JSON.stringify(body)}`);
    person.token = String(body['token']);
    person.refreshToken = String(body['refreshToken']);
  }
}
