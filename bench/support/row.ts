/** What a figure has to stay above or below; of the ratio where there is one, else of the value. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  readonly what: string;
  readonly unit: 'requests/s' | 'transfers/s' | 'gifts/s' | 'orders/s' | 'ms' | 's' | 'MB';
  readonly ours: number;
  /** Measured in the same run; without it the value stands by itself. */
  readonly baseline?: number;
  readonly bound?: Bound;
}

/** One thing that is measured, and against what. */
export interface Row {
  readonly name: string;
  /** One sentence: what is compared with what. */
  readonly about: string;
  readonly run: (say: (line: string) => void) => Promise<readonly Figure[]>;
}

export const ratioOf = ({ ours, baseline }: Figure): number | undefined =>
  baseline === undefined ? undefined : ours / baseline;

/** Whether the bound of a figure holds; undefined where there is none. */
export function holds(figure: Figure): boolean | undefined {
  const { bound, ours } = figure;
  if (!bound) return undefined;
  const value = ratioOf(figure) ?? ours;
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new RangeError('The median of nothing');
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

export interface Pair<Sample> {
  readonly ours: readonly Sample[];
  readonly baseline: readonly Sample[];
}

/** Measures both in turns, and changes who begins, so that a noisy moment of the machine meets both. */
export async function inTurns<Sample>(
  rounds: number,
  ours: () => Promise<Sample>,
  baseline: () => Promise<Sample>,
): Promise<Pair<Sample>> {
  const samples = { ours: [] as Sample[], baseline: [] as Sample[] };
  for (let round = 0; round < rounds; round += 1)
    for (const who of round % 2 === 0
      ? (['ours', 'baseline'] as const)
      : (['baseline', 'ours'] as const))
      samples[who].push(await (who === 'ours' ? ours() : baseline()));
  return samples;
}

/** A figure from the medians of both sides. */
export const figure = <Sample>(
  what: string,
  unit: Figure['unit'],
  { ours, baseline }: Pair<Sample>,
  valueOf: (sample: Sample) => number,
  bound?: Bound,
): Figure => ({
  what,
  unit,
  ours: median(ours.map(valueOf)),
  baseline: median(baseline.map(valueOf)),
  ...(bound && { bound }),
});
