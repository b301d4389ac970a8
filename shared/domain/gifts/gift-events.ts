import { z } from 'zod';
import { event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import { GIFT_CONTEXTS } from './gift-transaction.model.ts';

/** A gift was given, and paid for. */
export const GiftSent = event({
  type: 'gift.sent',
  topic: 'wallet',
  data: z.object({
    giftId: idOf('giftTransaction'),
    senderId: idOf('user'),
    receiverId: idOf('user'),
    gift: z.string(),
    quantity: z.int(),
    coins: z.int(),
    diamonds: z.int(),
    contextType: z.enum(GIFT_CONTEXTS),
    contextId: idOf<string>('context'),
  }),
  subject: ['gift', 'giftId'],
  orderedBy: 'receiverId',
});
