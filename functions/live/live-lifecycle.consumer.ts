import { announceAudience } from '#domain/live/audience.ts';
import {
  LiveEnded,
  LiveInterrupted,
  LiveJoined,
  LiveProviderNotified,
  LiveResumed,
  LiveStarted,
  LiveTerminated,
} from '#domain/live/live-events.ts';
import { announceStatus } from '#domain/live/live-realtime.ts';
import { closeAttendance } from '#domain/live/participants.ts';
import { followNotice } from '#domain/live/provider-notices.ts';
import { streamById } from '#domain/live/streams.ts';
import { summarise } from '#domain/live/summary.ts';
import { consumer } from '#platform/consumer.ts';

const KINDS: Readonly<Record<string, string>> = {
  [LiveStarted.type]: 'started',
  [LiveInterrupted.type]: 'interrupted',
  [LiveResumed.type]: 'resumed',
  [LiveEnded.type]: 'ended',
  [LiveTerminated.type]: 'terminated',
};

export default consumer({
  summary: 'Follow what becomes of a stream: who comes and goes, and what is told to its viewers.',
  on: [
    ...([LiveStarted, LiveInterrupted, LiveResumed, LiveEnded, LiveTerminated] as const),
    ...([LiveJoined, LiveProviderNotified] as const),
  ],
  // Every step is guarded by the state it finds, in transactions of its own.
  effect: 'outside',

  handler: async ({ data, type, eventId, now }) => {
    const { streamId } = data;
    if ('userId' in data) return announceAudience(streamId, eventId, now);
    if ('noticeId' in data) {
      if (await followNotice(data, now)) await announceAudience(streamId, eventId, now);
      return;
    }
    const stream = await streamById(streamId);
    if (stream?.endedAt) {
      await closeAttendance(streamId, stream.endedAt);
      await summarise(stream, now);
    }
    await announceStatus({ streamId, eventId }, KINDS[type] ?? type, data.note);
  },
});
