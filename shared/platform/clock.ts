type Clock = () => Date;

const system: Clock = () => new Date();
let source: Clock = system;

/** The only clock of the product. Rooms never ask it: they are given `now`. */
export const clock = {
  now: (): Date => source(),
  /** The machine's time, to compare with what another company's clock has stamped. */
  machine: system,
  /** Replaces the source of time, and gives it back when called with nothing. */
  set: (replacement: Clock = system): void => {
    source = replacement;
  },
};

const SECOND = 1000;
export const seconds = (count: number): number => count * SECOND;
export const minutes = (count: number): number => count * 60 * SECOND;
export const hours = (count: number): number => count * 3600 * SECOND;
export const days = (count: number): number => count * 86_400 * SECOND;

/** The moment that many milliseconds after `from`; before it when negative. */
export const after = (from: Date, milliseconds: number): Date =>
  new Date(from.getTime() + milliseconds);
