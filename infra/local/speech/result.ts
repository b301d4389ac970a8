import type { Utterance, Word } from './recogniser.ts';

/** The object that batch recognition leaves in the bucket, as Google's service spells it. */
export function resultOf(
  utterances: readonly Utterance[],
  { language, punctuated }: { readonly language: string; readonly punctuated: boolean },
): unknown {
  const spoken = punctuated ? utterances.map(punctuate) : utterances;
  const end = spoken.at(-1)?.at(-1)?.end ?? 0;
  return {
    results: spoken.map((words) => ({
      alternatives: [
        {
          transcript: words.map(({ word }) => word).join(' '),
          confidence: mean(words.map(({ confidence }) => confidence)),
          words: words.map(({ word, start, end }) => ({
            startOffset: duration(start),
            endOffset: duration(end),
            word,
          })),
        },
      ],
      resultEndOffset: duration(words.at(-1)?.end ?? 0),
      languageCode: language.toLowerCase(),
    })),
    metadata: { totalBilledDuration: duration(Math.ceil(end)) },
  };
}

/** The recogniser only knows words; the service would give sentences. */
const punctuate = (words: Utterance): Word[] =>
  words.map((spoken, index) => {
    const own = /^i($|')/.test(spoken.word) || index === 0;
    const word = own ? spoken.word.charAt(0).toUpperCase() + spoken.word.slice(1) : spoken.word;
    return { ...spoken, word: index === words.length - 1 ? `${word}.` : word };
  });

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** Protobuf's JSON form of a duration: whole seconds, or three digits. */
const duration = (seconds: number): string =>
  `${Number.isInteger(seconds) ? seconds : seconds.toFixed(3)}s`;
