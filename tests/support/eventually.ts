import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is as wanted, or a generous deadline has passed; gives the last answer. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  wanted: (value: Value) => boolean,
): Promise<Value> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await ask();
    if (wanted(value) || Date.now() > deadline) return value;
    await pause(50);
  }
}
