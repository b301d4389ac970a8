import { z } from 'zod';
import { earnedIn } from '#domain/gifts/earnings.ts';
import type { LiveRow } from './live-state.ts';
import { LiveStreams } from './live-stream.model.ts';
import { attendanceOf, presentIn } from './participants.ts';

/** What came of a stream. */
export const LiveSummary = z.object({
  /** Who still watched when it ended. */
  viewers: z.int(),
  /** How many that ever were at once, as far as it was counted. */
  peak: z.int(),
  /** Different people who watched. */
  unique: z.int(),
  gifts: z.int(),
  coins: z.int(),
  diamonds: z.int(),
  durationSeconds: z.int(),
});
export type LiveSummary = z.infer<typeof LiveSummary>;

/**
 * Adds up a stream from what proves it, the gifts paid for and the attendance, and keeps the result
 * with the stream. Again for a gift that was on its way when it ended.
 */
export async function summarise(stream: LiveRow, now: Date): Promise<LiveSummary> {
  const { _id, startedAt, stats } = stream;
  const endedAt = stream.endedAt ?? now;
  const viewers = await presentIn(_id, endedAt);
  const unique = await attendanceOf(_id);
  const { gifts, coins, diamonds } = await earnedIn(_id);
  const peak = Math.max(stats.peak, viewers);
  await LiveStreams.updateOne(
    { _id },
    { $set: { stats: { viewers, peak, unique, coins, diamonds } } },
  );
  const milliseconds = startedAt ? endedAt.getTime() - startedAt.getTime() : 0;
  return {
    ...{ viewers, peak, unique, gifts, coins, diamonds },
    durationSeconds: Math.max(0, Math.round(milliseconds / 1000)),
  };
}
