import { minutes } from '#platform/clock.ts';
import { type Id, newId, toId } from '#platform/id.ts';

/** How old an entry is before it is history: older than any transaction can become. */
const SAFE_AGE_MS = minutes(5);

/**
 * The first id of a moment that long ago, by the clock that ids are made with. Every entry with a
 * smaller id is there for good: no transaction that began before can still commit.
 */
export function historyBoundary(safeAgeMs = SAFE_AGE_MS): Id {
  const made = newId().getTimestamp().getTime();
  const secondsThen = Math.floor((made - safeAgeMs) / 1000);
  return toId<string>(secondsThen.toString(16).padStart(8, '0') + '0'.repeat(16));
}
