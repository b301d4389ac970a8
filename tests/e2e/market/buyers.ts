import { randomInt } from 'node:crypto';
import type { Caller } from '../../support/caller.ts';
import { HOME } from '../../support/orders.ts';
import type { Person } from '../../support/people.ts';
import type { Cast } from './market.ts';
import { any, idOf, mine, oneOf, type Row, type Wish, wish } from './wishes.ts';

export const TOPUP_MINOR = 1000;
export const TRANSFER_MINOR = 5;
export const PACK = { pack: 'coins-70', coins: 70, minor: 99 } as const;

/** Balances, cards that pay at once or later, and cards that do not. */
const METHODS = [
  ...['wallet', 'wallet', 'wallet', 'pm_card_visa', 'pm_card_mastercard'],
  ...['pm_card_chargeDeclined', 'pm_card_authenticationRequired'],
];

/** What a buyer thinks of next; nothing when there is nothing to do. */
export function wishOfBuyer(cast: Cast, buyer: Person): Promise<Wish | undefined> {
  const dice = randomInt(16);
  if (dice < 4) return buying(cast, buyer);
  if (dice < 5)
    return posting(buyer, 'transfer', '/api/wallet/transfer', {
      ...{ to: cast.creator.id, amount: TRANSFER_MINOR },
    });
  if (dice < 6)
    return posting(buyer, 'topup', '/api/wallet/topup', {
      ...{ amount: TOPUP_MINOR, paymentMethod: 'pm_card_visa' },
    });
  if (dice < 7) return posting(buyer, 'coins', '/api/wallet/coins', { pack: PACK.pack });
  if (dice < 9) return giving(cast, buyer);
  if (dice < 13) return aboutOrder(buyer);
  return aboutReturn(buyer);
}

const post = (path: string, body: object) => (as: Caller, key: string) =>
  as.post(path, body, { key });

const posting = async (by: Person, kind: string, path: string, body: object): Promise<Wish> =>
  wish(kind, by, post(path, body));

async function buying({ shops }: Cast, buyer: Person): Promise<Wish> {
  await emptyCart(buyer);
  const paymentMethod = any(METHODS);
  const product = any(any(shops).products);
  const line = { productId: product.id, variantId: product.variants[0], quantity: randomInt(1, 4) };
  return wish('buy', buyer, async (as, key) => {
    const added = await as.post('/api/cart/items', line, { key: `${key}-add` });
    if (added.status !== 201) return added;
    return as.post('/api/cart/checkout', { address: HOME, paymentMethod }, { key });
  });
}

/** What was sold out before would stand in the way. */
async function emptyCart(buyer: Person): Promise<void> {
  const { body } = await buyer.get('/api/cart');
  for (const item of body['items'] ?? []) await buyer.delete(`/api/cart/items/${item['id']}`);
}

/** To the creator: for a video, for nothing in particular, or in a stream if there is one. */
async function giving({ creator, contentId }: Cast, buyer: Person): Promise<Wish> {
  const gift = { giftId: any(['rose', 'coffee']), quantity: randomInt(1, 4) };
  const stream = await oneOf('livestreams', { broadcaster: mine(creator), status: 'live' });
  if (stream) return posting(buyer, 'gift', `/api/live/${idOf(stream)}/gift`, gift);
  const to = any([{ contentId }, { userId: creator.id }]);
  return posting(buyer, 'gift', '/api/wallet/gifts', { ...gift, ...to });
}

/** What is delivered is given back more often than not. */
const LOOKS = [
  ['delivered'],
  ['delivered'],
  ['delivered'],
  ['shipped'],
  ['on_hold', 'awaiting_shipment'],
];

async function aboutOrder(buyer: Person): Promise<Wish | undefined> {
  const order = await oneOf('orders', { buyer: mine(buyer), status: { $in: any(LOOKS) } });
  if (!order) return undefined;
  const status = String(order['status']);
  if (status === 'delivered' && any([true, true, false])) return returning(buyer, order);
  const action = status === 'delivered' || status === 'shipped' ? 'confirm_receipt' : 'cancel';
  return posting(buyer, action, `/api/orders/${idOf(order)}/actions`, { action });
}

function returning(buyer: Person, order: Row): Promise<Wish> {
  const [line] = order['lines'] as readonly Row[];
  return posting(buyer, 'return', `/api/orders/${idOf(order)}/returns`, {
    ...{ type: 'return_refund', reason: 'changed_mind' },
    lines: [{ lineId: String(line?.['id']), quantity: 1 }],
  });
}

async function aboutReturn(buyer: Person): Promise<Wish | undefined> {
  const asked = await oneOf('returnrequests', {
    buyer: mine(buyer),
    $or: [{ status: 'approved' }, { status: 'requested', offerMinor: { $exists: true } }],
  });
  if (!asked) return undefined;
  const path = `/api/returns/${idOf(asked)}/actions`;
  if (asked['status'] === 'requested')
    return posting(buyer, 'return_answer', path, { action: any(['accept', 'withdraw']) });
  return wish('send_back', buyer, (as, key) =>
    as.post(path, { action: 'ship', carrier: 'ups', trackingNo: trackingNoOf(key) }, { key }),
  );
}

/** One for each wish. */
export const trackingNoOf = (key: string): string => `T${key.replaceAll('-', '').slice(0, 20)}`;
