/** Tells a story step by step: what happens, how long it took, and the first thing not as told. */
export interface Story {
  /** Tells one step. What the step returns is put behind its line; what it throws ends the story. */
  readonly step: (what: string, happens: () => Promise<string | undefined>) => Promise<void>;
  readonly told: () => number;
}

export function tellTo(say: (line: string) => void): Story {
  let steps = 0;
  return {
    step: async (what, happens) => {
      const began = performance.now();
      try {
        const detail = await happens();
        steps += 1;
        const seconds = ((performance.now() - began) / 1000).toFixed(2);
        say(
          `${String(steps).padStart(3)}. ${seconds.padStart(6)} s  ${what}${detail ? `: ${detail}` : ''}`,
        );
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`not as told at "${what}": ${reason}`, { cause });
      }
    },
    told: () => steps,
  };
}

/** Throws with what was expected unless it holds. */
export function must(holds: unknown, expected: string): asserts holds {
  if (!holds) throw new Error(`expected ${expected}`);
}

/** Asks again until the answer holds. Throws with what was waited for after the seconds given. */
export async function until<Answer>(
  expected: string,
  seconds: number,
  ask: () => Promise<Answer>,
  holds: (answer: Answer) => boolean,
): Promise<Answer> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (performance.now() > deadline)
      throw new Error(
        `expected ${expected} within ${seconds} s; last seen ${JSON.stringify(answer)}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
