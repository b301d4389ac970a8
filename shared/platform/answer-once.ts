import type { Request, Response } from '@google-cloud/functions-framework';
import type { Actor } from './access.ts';
import { clock, minutes } from './clock.ts';
import type { AnyEndpoint, UploadedFile } from './endpoint.ts';
import { gather } from './gather.ts';
import type { Answer } from './idempotency.ts';
import type { Asked } from './once-together.ts';
import { IdempotencyKeyMissing, type Outcome, Problem, ValidationFailed } from './problem.ts';
import { seal, unseal } from './seal.ts';

export interface Occasion {
  readonly req: Request;
  readonly res: Response;
  readonly actor: Actor | undefined;
  readonly input: { readonly params: unknown; readonly query: unknown; readonly body: unknown };
  readonly file: UploadedFile | undefined;
  readonly now: Date;
  /** What the handler is given, but for what makes the operation the same when it is repeated. */
  readonly call: object;
}

const KEY = /^[\x21-\x7e]{1,128}$/;

/** Runs the handler, once for each idempotency key where the declaration knows one. */
export async function answerOnce(
  name: string,
  definition: AnyEndpoint,
  { req, res, actor, input, file, now, call }: Occasion,
): Promise<Answer> {
  const { idempotency, effect, secretAnswer } = definition;
  const sent = idempotency && req.get('idempotency-key');
  if (sent !== undefined && sent !== '' && !KEY.test(sent))
    throw new ValidationFailed({
      field: 'Idempotency-Key',
      details: ['Idempotency-Key: 1 to 128 printable characters without spaces'],
    });
  if (idempotency === 'required' && !sent)
    throw new IdempotencyKeyMissing({ field: 'Idempotency-Key' });
  const handle = async (operationId: string): Promise<Answer> => {
    const answer = await definition.handler({ ...call, operationId } as never, now);
    return answerOf(definition, answer);
  };
  if (!idempotency || (idempotency === 'honoured' && !sent))
    return handle(`request:${res.get('X-Request-Id')}`);

  const { digest, once, onceLeased } = await import('./idempotency.ts');
  const asked = { ...input, ...(file && { file: digest(file.bytes.toString('base64')) }) };
  const who = actor?.id.toHexString() ?? 'anonymous';
  const key = sent || derivedKey(digest(asked), now);
  if (!sent) res.setHeader('Idempotency-Key-Derived', key);
  const scope = `${who}:${name}`;
  const operationId = `${scope}:${key}`;
  const work = async (): Promise<Answer> => {
    const answer = await handle(operationId);
    return secretAnswer ? { ...answer, body: seal(JSON.stringify(answer.body)) } : answer;
  };
  const run = effect === 'outside' ? onceLeased : once;
  const { answer, replayed } =
    effect === 'together'
      ? await queueOf(
          name,
          definition,
        )({ scope, key, input: asked, facts: { ...call, operationId } })
      : await run({ scope, key, input: asked, now, work });
  if (replayed) res.setHeader('Idempotent-Replayed', 'true');
  return secretAnswer ? { ...answer, body: JSON.parse(unseal(String(answer.body))) } : answer;
}

const answerOf = ({ status = 200, output }: AnyEndpoint, body: unknown): Answer => ({
  status,
  body: output.parse(body),
});

type Ask = Asked<object>;
type Given = { readonly answer: Answer; readonly replayed: boolean };
const queues = new Map<string, (ask: Ask) => Promise<Given>>();

/** How many requests share one transaction. */
const MOST_TOGETHER = 100;

/** Where the requests of one endpoint wait for the transaction that carries them out together. */
function queueOf(name: string, definition: AnyEndpoint): (ask: Ask) => Promise<Given> {
  const known = queues.get(name);
  if (known) return known;
  const queue = gather<Ask, Given>(MOST_TOGETHER, async (asked) => {
    const { onceTogether } = await import('./once-together.ts');
    const now = clock.now();
    const work = async (calls: readonly object[]): Promise<Outcome<Answer>[]> => {
      const outcomes = (await definition.handler(calls as never, now)) as Outcome<unknown>[];
      return outcomes.map((outcome) =>
        outcome instanceof Problem ? outcome : answerOf(definition, outcome),
      );
    };
    return onceTogether({ asked, now, work });
  });
  queues.set(name, queue);
  return queue;
}

/** Old clients send no key: the same request within a minute is taken for the same intention. */
const derivedKey = (digested: string, now: Date): string =>
  `derived-${Math.floor(now.getTime() / minutes(1))}-${digested}`;
