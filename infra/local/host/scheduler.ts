import { Cron } from 'croner';
import type { FoundJob } from '#build/discover.ts';
import { clock } from '#platform/clock.ts';

/**
 * Cloud Scheduler's part: runs each job whenever the product's clock, which may have been moved,
 * has passed a time of its schedule. Several missed times are one run, as after an outage.
 */
export function startScheduler(jobs: readonly FoundJob[], run: (name: string) => Promise<unknown>) {
  const due = jobs.map(({ name, definition }) => {
    const cron = new Cron(definition.schedule, { timezone: 'UTC', paused: true });
    return { name, cron, next: cron.nextRun(clock.now()) };
  });
  const underway = new Set<Promise<unknown>>();

  const runDue = async (): Promise<void> => {
    const now = clock.now();
    const begun = due
      .filter(({ next }) => next !== null && next <= now)
      .map((one) => {
        one.next = one.cron.nextRun(now);
        return run(one.name).catch(() => undefined);
      });
    for (const one of begun) {
      underway.add(one);
      void one.finally(() => underway.delete(one));
    }
    await Promise.all(begun);
  };
  const timer = setInterval(() => void runDue(), 1000);
  return {
    runDue,
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await Promise.all(underway);
    },
  };
}
