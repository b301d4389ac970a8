/** What became of one item of a run. */
export type Fate<Result> = PromiseSettledResult<Result>;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settle: (fate: Fate<Result>) => void;
}

/**
 * Makes a function whose calls are carried out together: the first one at once, and all that come
 * while it is under way in the next run, at most so many in one. Nobody waits for company, so a
 * quiet instance answers as fast as without, and a busy one does in few runs what many ask for.
 * A run gives each item its fate, in their order.
 */
export function gather<Item, Result>(
  most: number,
  run: (items: readonly Item[]) => Promise<readonly Fate<Result>[]>,
): (item: Item) => Promise<Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = false;

  async function runAll(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const together = waiting.splice(0, most);
      const fates = await run(together.map(({ item }) => item)).catch((reason: unknown) =>
        together.map((): Fate<Result> => ({ status: 'rejected', reason })),
      );
      for (const [index, { settle }] of together.entries())
        settle(fates[index] ?? { status: 'rejected', reason: new Error('a run forgot an item') });
    }
    running = false;
  }

  return (item) =>
    new Promise<Result>((resolve, reject) => {
      waiting.push({
        item,
        settle: (fate) =>
          fate.status === 'fulfilled' ? resolve(fate.value) : reject(fate.reason as Error),
      });
      if (!running) void runAll();
    });
}
