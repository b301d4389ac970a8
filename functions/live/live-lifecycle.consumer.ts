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
import type { LiveRow } from '#domain/live/live-state.ts';
import { closeAttendance } from '#domain/live/participants.ts';
import { followNotice } from '#domain/live/provider-notices.ts';
import { streamById } from '#domain/live/streams.ts';
import { summarise } from '#domain/live/summary.ts';
import { consumer } from '#platform/consumer.ts';

/** The state that an event speaks of, and what viewers are told. */
const TOLD: Readonly<
  Record<string, { readonly status: LiveRow['status']; readonly kind: string }>
> = {
  [LiveStarted.type]: { status: 'live', kind: 'started' },
  [LiveInterrupted.type]: { status: 'interrupted', kind: 'interrupted' },
  [LiveResumed.type]: { status: 'live', kind: 'resumed' },
  [LiveEnded.type]: { status: 'ended', kind: 'ended' },
  [LiveTerminated.type]: { status: 'terminated', kind: 'terminated' },
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
    const told = TOLD[type];
    // News that was overtaken on its way would bring an ended stream back on every screen.
    if (stream && told?.status === stream.status) {
      await announceStatus(stream, eventId, told.kind, data.note);
    }
  },
});
