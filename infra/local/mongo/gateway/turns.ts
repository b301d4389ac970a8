/** The longest that a loser is kept waiting when nobody commits. */
const PATIENCE_MS = 250;

/**
 * Lets transactions that lost a conflict come back one by one, each when another one has committed,
 * instead of all at once to lose again. A hot document is then served about as fast as a queue would.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is this loser's turn to be told, and so to try again. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      const go = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        resolve();
      }, PATIENCE_MS);
      this.#waiting.push(go);
    });
  }

  /** A transaction is over and has made room for one more. */
  next(): void {
    this.#waiting.shift()?.();
  }
}
