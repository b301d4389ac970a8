import { z } from 'zod';
import { GiftHandle } from '#domain/gifts/catalogue.ts';
import { GivenGift, toGivenGift } from '#domain/gifts/gifts.ts';
import { sendGifts } from '#domain/gifts/send-gift.ts';
import { liveWishesFor } from '#domain/live/live-gifts.ts';
import { NotLive, RemovedFromLive } from '#domain/live/streams.ts';
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
  summary: 'Give a gift to who broadcasts a stream, while it is live.',
  method: 'POST',
  path: '/api/live/:streamId/gift',
  access: 'user',
  restrictedBy: 'pay',
  rateLimit: perActor(20, 'second'),
  idempotency: 'derived',
  params: z.object({ streamId: idOf('live') }),
  body: z.object({
    giftId: GiftHandle,
    quantity: z.int().min(1).max(100_000).default(1),
  }),
  output: GivenGift,
  problems: [
    ...[AccountRestricted, InsufficientBalance, LimitExceeded, NotFound, NotLive],
    ...[RemovedFromLive, ValidationFailed],
  ],
  resources: { concurrency: 200 },

  handler: async (calls, now) => {
    const wishes = await liveWishesFor(
      calls.map(({ actor, params: { streamId }, body: { giftId, quantity } }) => ({
        ...{ sender: actor.id, stream: streamId, gift: giftId, quantity },
      })),
    );
    const outcomes = await sendGifts(wishes, now);
    return outcomes.map((one) => (one instanceof Problem ? one : toGivenGift(one)));
  },
});
