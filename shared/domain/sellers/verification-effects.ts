import type { NotificationType } from '#domain/notifications/notifications.ts';
import { notify } from '#domain/notifications/notifications.ts';
import { findActiveUser, setRole } from '#domain/users/users.ts';
import type { Id } from '#platform/id.ts';
import { publish } from '#platform/outbox.ts';
import { changeShopStatus, makeShop } from './make-shop.ts';
import {
  SellerExpired,
  SellerNeedsInfo,
  SellerRejected,
  SellerRevoked,
  SellerSubmitted,
  SellerSuspended,
  SellerVerified,
} from './seller-events.ts';
import { shopOf } from './shops.ts';
import type { VerificationDeed, VerificationRow } from './verification-state.ts';

type ToldDeed = Exclude<VerificationDeed, 'claim' | 'withdraw'>;

const EVENT_OF = {
  submit: SellerSubmitted,
  approve: SellerVerified,
  reinstate: SellerVerified,
  reject: SellerRejected,
  needs_info: SellerNeedsInfo,
  expire: SellerExpired,
  suspend: SellerSuspended,
  revoke: SellerRevoked,
} as const satisfies Record<ToldDeed, unknown>;

const NOTICE_OF: Readonly<Partial<Record<VerificationDeed, NotificationType>>> = {
  approve: 'seller_verified',
  reinstate: 'seller_verified',
  reject: 'seller_rejected',
  needs_info: 'seller_needs_info',
  expire: 'account_notice',
  suspend: 'account_notice',
  revoke: 'account_notice',
};

/**
 * What follows from a deed: the shop opens, pauses or closes, and those who have to know are told.
 * Part of the transaction that did it.
 */
export async function followUp(
  { _id, user, purpose }: VerificationRow,
  deed: VerificationDeed,
  { by, now }: { readonly by?: Id<'user'> | undefined; readonly now: Date },
): Promise<void> {
  if (purpose === 'shop') await changeShop(user, deed, now);
  const notice = NOTICE_OF[deed];
  if (notice) await notify({ user, type: notice, subject: { type: 'verification', id: _id } }, now);
  if (deed === 'claim' || deed === 'withdraw') return;
  const shop = purpose === 'shop' ? await shopOf(user) : null;
  await publish(
    EVENT_OF[deed],
    { userId: user, verificationId: _id, ...(shop && { shopId: shop._id }) },
    { now, ...(by && { actor: by }) },
  );
}

async function changeShop(owner: Id<'user'>, deed: VerificationDeed, now: Date): Promise<void> {
  if (deed === 'approve' || deed === 'reinstate') await makeShop(owner, now);
  if (deed !== 'expire' && deed !== 'suspend' && deed !== 'revoke') return;
  const shop = await shopOf(owner);
  if (shop) await changeShopStatus(shop, deed === 'revoke' ? 'closed' : 'suspended', now);
  if (deed === 'revoke' && (await findActiveUser(owner))?.role === 'seller')
    await setRole(owner, 'user');
}
