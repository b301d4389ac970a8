interface Lane<Result> {
  /** Ends when the present run does; never fails. */
  running: Promise<void>;
  /** The run after it, when somebody waits for that. */
  next?: Promise<Result>;
}

/**
 * Makes a function that runs work once for all who ask for the same thing at the same time. Nobody is given an
 * answer that was begun before they asked: who comes while one is being made waits for the next, with all others
 * who do. So it is as fresh as asking alone, and a hot thing is read once at a time by each instance.
 */
export function sharing<Result>() {
  const lanes = new Map<string, Lane<Result>>();

  const begin = (key: string, work: () => Promise<Result>): Promise<Result> => {
    const result = work();
    const lane: Lane<Result> = { running: Promise.resolve() };
    const end = (): void => {
      if (!lane.next) lanes.delete(key);
    };
    lane.running = result.then(end, end);
    lanes.set(key, lane);
    return result;
  };

  return (key: string, work: () => Promise<Result>): Promise<Result> => {
    const lane = lanes.get(key);
    if (!lane) return begin(key, work);
    lane.next ??= lane.running.then(() => begin(key, work));
    return lane.next;
  };
}
