import { z } from 'zod';
import { config } from './config.ts';

/** One stretch of speech, in seconds from the beginning. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface SpokenWord {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

export interface Recognition {
  /** What was said between two pauses; empty when nothing was. */
  readonly segments: readonly Segment[];
  /** Every word with its time, for captions; pauses between results are kept as gaps. */
  readonly words: readonly SpokenWord[];
  readonly text: string;
}

/** The recogniser did not take the order. `retry` says whether the same order may be taken later. */
export class RecognitionRefused extends Error {
  override readonly name = 'RecognitionRefused';
  /** Google's code by name: `RESOURCE_EXHAUSTED`. */
  readonly code: string;
  readonly retry: boolean;

  constructor(code: string, options: ErrorOptions) {
    super(`speech recognition was refused: ${code}`, options);
    this.code = code;
    this.retry = !PERMANENT.includes(code);
  }
}

const PERMANENT = ['INVALID_ARGUMENT', 'NOT_FOUND', 'PERMISSION_DENIED', 'OUT_OF_RANGE'];

/** Numbers of google.rpc.Code, in order. */
const CODES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND'],
  ...['ALREADY_EXISTS', 'PERMISSION_DENIED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION'],
  ...['ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'],
  'UNAUTHENTICATED',
];
const nameOf = (code: number | null | undefined): string => CODES[code ?? 2] ?? 'UNKNOWN';

const ANSWERS_WITHIN_MS = 20_000;

/**
 * Asks for the words of a stored recording and returns at once. The result becomes an object under `outputUri`,
 * whose arrival is the only news of it. Throws `RecognitionRefused`.
 */
export async function startRecognition(order: {
  /** `gs://bucket/object`; FLAC, or MP4 with AAC. */
  readonly audioUri: string;
  /** `gs://bucket/prefix`. */
  readonly outputUri: string;
  /** As in `en-US`. */
  readonly languageCode: string;
}): Promise<{ operation: string }> {
  const { audioUri, outputUri, languageCode } = order;
  const { speech, location } = await connected();
  const request = {
    recognizer: `projects/${config().GOOGLE_CLOUD_PROJECT}/locations/${location}/recognizers/_`,
    config: {
      autoDecodingConfig: {},
      model: 'long',
      languageCodes: [languageCode],
      features: { enableWordTimeOffsets: true, enableAutomaticPunctuation: true },
    },
    files: [{ uri: audioUri }],
    recognitionOutputConfig: { gcsOutputConfig: { uri: outputUri } },
  };
  const [operation] = await speech
    .batchRecognize(request, { timeout: ANSWERS_WITHIN_MS })
    .catch((cause: unknown) => {
      throw new RecognitionRefused(nameOf(codeOf(cause)), { cause });
    });
  if (!operation.name) throw new Error('the recogniser gave its operation no name');
  return { operation: operation.name };
}

/** How a recognition is doing, for whoever finds that its result never came. */
export async function recognitionState(
  operation: string,
): Promise<'running' | 'done' | { readonly failed: string }> {
  const { speech } = await connected();
  const found = await speech.checkBatchRecognizeProgress(operation).catch((cause: unknown) => {
    // Operations are forgotten after some days.
    if (codeOf(cause) === CODES.indexOf('NOT_FOUND')) return undefined;
    throw cause;
  });
  if (!found) return { failed: 'NOT_FOUND' };
  if (!found.done) return 'running';
  const { error } = found.latestResponse;
  if (error) return { failed: nameOf(error.code) };
  const answer = Answer.safeParse(found.result);
  const files = answer.success ? Object.values(answer.data.results) : [];
  const failed = files.find((file) => file.error?.code);
  return failed ? { failed: nameOf(failed.error?.code) } : 'done';
}

const Answer = z.object({
  results: z.record(
    z.string(),
    z.object({ error: z.object({ code: z.number().nullish() }).nullish() }),
  ),
});

const codeOf = (problem: unknown): number | undefined =>
  problem instanceof Error && 'code' in problem && typeof problem.code === 'number'
    ? problem.code
    : undefined;

type Connection = Awaited<ReturnType<typeof connect>>;
let connection: Promise<Connection> | undefined;
const connected = (): Promise<Connection> => (connection ??= connect());

/** The library is large, so only an instance that recognises speech pays for it. */
async function connect() {
  const { v2 } = await import('@google-cloud/speech');
  const { GOOGLE_CLOUD_PROJECT: projectId, SPEECH_ENDPOINT } = config();
  if (!SPEECH_ENDPOINT) return { speech: new v2.SpeechClient({ projectId }), location: 'global' };

  const { protocol, hostname, port } = new URL(SPEECH_ENDPOINT);
  const location = /^(.+)-speech\.googleapis\.com$/.exec(hostname)?.[1] ?? 'global';
  const place = { projectId, apiEndpoint: hostname, ...(port && { port: Number(port) }) };
  if (protocol === 'https:') return { speech: new v2.SpeechClient(place), location };
  const { credentials } = await import('@grpc/grpc-js');
  const sslCreds = credentials.createInsecure();
  return { speech: new v2.SpeechClient({ ...place, sslCreds }), location };
}

const MAX_RESULTS = 5_000;
const MAX_WORDS = 50_000;
const MAX_TEXT = 200_000;

const Offset = z.string().regex(/^\d{1,6}(\.\d{1,9})?s$/);
const Result = z.object({
  alternatives: z
    .array(
      z.object({
        transcript: z.string().optional(),
        words: z
          .array(
            z.object({
              word: z.string().max(200),
              startOffset: Offset.optional(),
              endOffset: Offset.optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
  resultEndOffset: Offset.optional(),
});
const ResultFile = z.object({ results: z.array(z.unknown()).optional() });

/**
 * Reads the object that batch recognition leaves in the bucket. What is missing or malformed in it is left out,
 * what is too much is cut off; nothing is ever thrown.
 */
export function parseRecognition(json: unknown): Recognition {
  const file = ResultFile.safeParse(json);
  const segments: Segment[] = [];
  const words: SpokenWord[] = [];
  let length = 0;
  let clock = 0;
  for (const entry of (file.data?.results ?? []).slice(0, MAX_RESULTS)) {
    const { data: result } = Result.safeParse(entry);
    const [best] = result?.alternatives ?? [];
    const spoken = timed(best?.words ?? []).filter(({ start }) => start >= clock);
    const text = (best?.transcript ?? spoken.map(({ word }) => word).join(' ')).trim();
    if (!text || length + text.length > MAX_TEXT || words.length + spoken.length > MAX_WORDS) {
      continue;
    }
    const start = spoken[0]?.start ?? clock;
    const end = spoken.at(-1)?.end ?? Math.max(start, secondsOf(result?.resultEndOffset));
    segments.push({ start, end, text });
    words.push(...spoken);
    length += text.length;
    clock = end;
  }
  return { segments, words, text: segments.map(({ text }) => text).join(' ') };
}

/** Words in the order of time, each ending after it begins; the service leaves out an offset of zero. */
function timed(
  given: readonly {
    word: string;
    startOffset?: string | undefined;
    endOffset?: string | undefined;
  }[],
): SpokenWord[] {
  let clock = 0;
  const words: SpokenWord[] = [];
  for (const { word, startOffset, endOffset } of given) {
    const start = Math.max(clock, secondsOf(startOffset));
    const end = secondsOf(endOffset);
    if (!word.trim() || end < start) continue;
    words.push({ word: word.trim(), start, end });
    clock = start;
  }
  return words;
}

const secondsOf = (offset: string | undefined): number => Number(offset?.slice(0, -1) ?? 0);
