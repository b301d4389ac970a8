import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '#build/discover.ts';
import { type Figure, holds, type Row, ratioOf } from './row.ts';

export interface Outcome {
  readonly row: Row;
  readonly figures: readonly Figure[];
  /** Why there are no figures. */
  readonly failure?: string;
}

const number = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** More than this is not said more exactly: then one of the two hardly gets anywhere. */
const MUCH = 100;

const times = (ratio: number): string => (ratio > MUCH ? `> ${MUCH}×` : `${number(ratio)}×`);

function boundOf({ bound, baseline, unit }: Figure): string {
  if (!bound) return '';
  const of = baseline === undefined ? ` ${unit}` : '×';
  return 'atLeast' in bound ? `≥ ${bound.atLeast}${of}` : `≤ ${bound.atMost}${of}`;
}

const mark = (figure: Figure): string => ({ true: '✓', false: '✗' })[String(holds(figure))] ?? '';

/** One line for a terminal. */
export function lineOf(figure: Figure): string {
  const { what, unit, ours, baseline } = figure;
  const ratio = ratioOf(figure);
  const against = baseline === undefined ? '' : ` against ${number(baseline)}`;
  const compared = ratio === undefined ? '' : ` = ${times(ratio)}`;
  const bound = boundOf(figure);
  return `  ${mark(figure) || '·'} ${what}: ${number(ours)}${against} ${unit}${compared}${bound && ` (${bound})`}`;
}

/** Taken before anything is measured: what else the machine had to do, which distorts throughput. */
const [loadBefore = 0] = loadavg();

const machine = (): string =>
  `${availableParallelism()} cores and ${Math.round(totalmem() / 2 ** 30)} GB of memory at a load of ${loadBefore.toFixed(1)}`;

/** Writes `docs/benchmarks.md`. */
export async function writeReport(outcomes: readonly Outcome[]): Promise<void> {
  const rows = outcomes.flatMap(({ row, figures, failure }) => [
    ...figures.map((figure) => {
      const ratio = ratioOf(figure);
      const cells = [
        `${row.name}: ${figure.what}`,
        `${number(figure.ours)} ${figure.unit}`,
        figure.baseline === undefined ? '' : `${number(figure.baseline)} ${figure.unit}`,
        ratio === undefined ? '' : times(ratio),
        `${boundOf(figure)} ${mark(figure)}`.trim(),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    ...(failure ? [`| ${row.name} | not measured: ${failure} | | | ✗ |`] : []),
  ]);
  const text = `# Benchmarks

Written by \`npm run bench\` on ${machine()}, with everything on that one machine: client, server and engines.
Each figure is a median; ours and the baseline are measured in turns in the same run, so compare the ratios
and not the absolute values. Processor time is that of server, gateway and engine together for one request.

| What | Ours | Baseline | Ratio | Bound |
|---|---:|---:|---:|---|
${rows.join('\n')}

${outcomes.map(({ row }) => `- **${row.name}**: ${row.about}`).join('\n')}
`;
  await writeFile(join(ROOT, 'docs/benchmarks.md'), text);
}
