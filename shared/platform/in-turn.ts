import { AsyncLocalStorage } from 'node:async_hooks';

const last = new Map<string, Promise<unknown>>();
const held = new AsyncLocalStorage<ReadonlySet<string>>();

/**
 * Runs work of one key one after another within this instance, in order of arrival; a caller that
 * already has the turn just goes on. It saves transactions on one document from beating each other
 * again and again. It is not a lock: what must hold, holds by the guards of the writes.
 */
export async function inTurn<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
  const mine = held.getStore();
  if (mine?.has(key)) return work();
  const go = () => held.run(new Set([...(mine ?? []), key]), work);
  const run = (last.get(key) ?? Promise.resolve()).then(go, go);
  last.set(key, run);
  try {
    return await run;
  } finally {
    if (last.get(key) === run) last.delete(key);
  }
}
