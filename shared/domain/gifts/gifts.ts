import { z } from 'zod';
import { IdText } from '#platform/id.ts';
import { GiftView, toGiftView } from './catalogue.ts';
import type { GiftReceipt } from './send-gift.ts';

/** A gift that was given, as its sender is told. */
export const GivenGift = z.object({
  gift: GiftView.pick({ code: true, name: true, animation: true }).extend({
    id: IdText,
    quantity: z.int(),
    coins: z.int(),
    diamonds: z.int(),
  }),
  /** The coins the sender has left. */
  coins: z.int(),
});

export function toGivenGift(receipt: GiftReceipt): z.infer<typeof GivenGift> {
  const { id, gift, quantity, coins, diamonds, left } = receipt;
  const { code, name, animation } = toGiftView(gift, 'en');
  return {
    gift: { id: id.toHexString(), code, name, animation, quantity, coins, diamonds },
    coins: left,
  };
}
