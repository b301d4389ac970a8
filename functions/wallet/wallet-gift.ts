import { z } from 'zod';
import { GiftHandle } from '#domain/gifts/catalogue.ts';
import { GivenGift, toGivenGift } from '#domain/gifts/gifts.ts';
import { sendGifts } from '#domain/gifts/send-gift.ts';
import { wishesFor } from '#domain/gifts/wishes.ts';
import { LimitExceeded } from '#domain/wallet/transfer.ts';
import { endpointTogether } from '#platform/endpoint.ts';
import { idOf } from '#platform/id.ts';
import {
  AccountRestricted,
  InsufficientBalance,
  NotFound,
  Problem,
  ValidationFailed,
} from '#platform/problem.ts';
import { perActor } from '#platform/rate-limit.ts';

export default endpointTogether({
  summary: 'Give a gift to a person, or to who made a content.',
  method: 'POST',
  path: '/api/wallet/gifts',
  access: 'verified',
  restrictedBy: 'pay',
  rateLimit: perActor(20, 'second'),
  idempotency: 'derived',
  body: z
    .object({
      giftId: GiftHandle,
      quantity: z.int().min(1).max(100_000).default(1),
      contentId: idOf('content').optional(),
      userId: idOf('user').optional(),
    })
    .refine(({ contentId, userId }) => (contentId === undefined) !== (userId === undefined), {
      path: ['contentId'],
      message: 'say either contentId or userId',
    }),
  status: 201,
  output: GivenGift,
  problems: [AccountRestricted, InsufficientBalance, LimitExceeded, NotFound, ValidationFailed],

  handler: async (calls, now) => {
    const wishes = await wishesFor(
      calls.map(({ actor, body: { giftId, quantity, contentId, userId } }) => ({
        ...{ sender: actor.id, gift: giftId, quantity },
        to: contentId ? { content: contentId } : { user: userId ?? actor.id },
      })),
    );
    const outcomes = await sendGifts(wishes, now);
    return outcomes.map((one) => (one instanceof Problem ? one : toGivenGift(one)));
  },
});
