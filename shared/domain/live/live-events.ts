import { z } from 'zod';
import { AGORA_OCCURRENCES } from '#platform/agora.ts';
import { type EventType, event } from '#platform/event.ts';
import { idOf } from '#platform/id.ts';
import type { LiveStatus } from './live-stream.model.ts';

const StreamFacts = z.object({
  streamId: idOf('live'),
  hostId: idOf('user'),
  /** Why, where somebody said so. */
  note: z.string().optional(),
});
const about = {
  topic: 'live',
  data: StreamFacts,
  subject: ['live', 'streamId'],
  orderedBy: 'streamId',
} as const;

export const LiveScheduled = event({ ...about, type: 'live.scheduled' });
/** Its broadcaster may go on air. */
export const LiveStarting = event({ ...about, type: 'live.starting' });
/** It is on air, for the first time. */
export const LiveStarted = event({ ...about, type: 'live.started' });
export const LiveInterrupted = event({ ...about, type: 'live.interrupted' });
export const LiveResumed = event({ ...about, type: 'live.resumed' });
export const LiveEnded = event({ ...about, type: 'live.ended' });
/** Staff stopped it. */
export const LiveTerminated = event({ ...about, type: 'live.terminated' });

type StatusEvent = EventType<string, typeof StreamFacts>;

/** What is told when a stream comes to a state from another. */
export const liveEventOf = (from: LiveStatus | undefined, to: LiveStatus): StatusEvent =>
  to === 'live' && from === 'interrupted' ? LiveResumed : EVENT_OF[to];

const EVENT_OF: Readonly<Record<LiveStatus, StatusEvent>> = {
  scheduled: LiveScheduled,
  starting: LiveStarting,
  live: LiveStarted,
  interrupted: LiveInterrupted,
  ended: LiveEnded,
  terminated: LiveTerminated,
};

/** Somebody began to watch. */
export const LiveJoined = event({
  type: 'live.joined',
  topic: 'live',
  data: z.object({ streamId: idOf('live'), userId: idOf('user') }),
  subject: ['live', 'streamId'],
  orderedBy: 'streamId',
});

/** There are more followers of the broadcaster to tell, after this one. */
export const LiveFanOutContinued = event({
  type: 'live.fanout_continued',
  topic: 'live',
  data: z.object({ streamId: idOf('live'), hostId: idOf('user'), cursor: z.string() }),
  subject: ['live', 'streamId'],
  orderedBy: 'streamId',
});

/** The video provider has seen somebody come or go. */
export const LiveProviderNotified = event({
  type: 'live.provider_notified',
  topic: 'live',
  data: z.object({
    streamId: idOf('live'),
    noticeId: z.string(),
    occurrence: z.enum(AGORA_OCCURRENCES),
    uid: z.int().optional(),
    /** By the provider’s clock. */
    at: z.iso.datetime(),
  }),
  subject: ['live', 'streamId'],
  orderedBy: 'streamId',
});
