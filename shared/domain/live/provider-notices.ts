import { type AgoraNotice, readNotice } from '#platform/agora.ts';
import { transaction } from '#platform/database.ts';
import type { DataOf } from '#platform/event.ts';
import { toId } from '#platform/id.ts';
import { once } from '#platform/idempotency.ts';
import { publish } from '#platform/outbox.ts';
import { problem } from '#platform/problem.ts';
import { LiveProviderNotified } from './live-events.ts';
import { attend, leave, participantByUid } from './participants.ts';
import { goOnAir, interrupt } from './run-stream.ts';
import { streamById, streamIn } from './streams.ts';

export class ForgedNotice extends problem({
  code: 'invalid_signature',
  status: 400,
  error: 'Invalid signature',
}) {}

/**
 * Takes a notice of the video provider: proves where it is from and passes it on once. Notices of
 * other things and of channels that are not ours are only received. Throws `ForgedNotice`.
 */
export async function takeNotice(rawBody: Buffer, signature: string | undefined, now: Date) {
  const notice = readNotice(rawBody, signature);
  if (notice === false) throw new ForgedNotice();
  const streamId = notice && streamIn(notice.channel);
  if (!notice || !streamId) return;
  const { noticeId } = notice;
  const work = () => passOn(notice, streamId, now);
  await once({ scope: 'hook:agora', key: noticeId, input: noticeId, now, work });
}

const passOn = (notice: AgoraNotice, streamId: string, now: Date) =>
  transaction(async () => {
    const { noticeId, occurrence, uid, at } = notice;
    const facts = { streamId: toId<'live'>(streamId), noticeId, occurrence };
    await publish(
      LiveProviderNotified,
      { ...facts, ...(uid !== undefined && { uid }), at: (at ?? now).toISOString() },
      { now },
    );
    return { status: 200, body: {} };
  });

/**
 * Makes of a notice what it means here, whatever came before it: who was seen later than it says
 * stays as they are. True when the number of viewers may have changed.
 */
export async function followNotice(
  notice: DataOf<typeof LiveProviderNotified>,
  now: Date,
): Promise<boolean> {
  const { streamId, occurrence, uid } = notice;
  // A clock that is ahead of ours must not reach into the future.
  const at = new Date(Math.min(Date.parse(notice.at), now.getTime()));
  const stream = await streamById(streamId);
  if (!stream || uid === undefined) return false;
  const participant = await participantByUid(streamId, uid);
  if (!participant) return false;
  if (participant.role === 'host') {
    if (occurrence === 'host_joined') await goOnAir(streamId, at);
    if (occurrence === 'host_left') await interrupt(streamId, at);
    return false;
  }
  if (occurrence === 'audience_left') await leave(participant, at);
  const returns = occurrence === 'audience_joined' && !participant.kicked && stream.open === true;
  if (returns) await attend({ stream: streamId, user: participant.user, role: 'audience' }, at);
  return true;
}
