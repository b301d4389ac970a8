import { channels, publishRealtime } from '#platform/ably.ts';
import type { Id } from '#platform/id.ts';
import { balanceOf } from './wallets.ts';

/** Shows people on their own channel what they have now. */
export async function tellOwners(
  owners: readonly Id<'user'>[],
  eventId: string,
  now: Date,
): Promise<void> {
  const messages = [];
  for (const owner of owners)
    messages.push({
      channel: channels.user(owner.toHexString()),
      name: 'wallet:update',
      data: { ...(await balanceOf(owner, now)) },
      id: eventId,
    });
  await publishRealtime(messages);
}
