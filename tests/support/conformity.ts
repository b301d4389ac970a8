/**
 * The contract, held against every answer that any test receives: its status and code must be among
 * those that the API document names for the endpoint, and its body must be what the document says,
 * to the last field.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { type FoundEndpoint, pathGroups } from '#build/discover.ts';
import { ErrorBody, openApi, problemsOf } from '#build/openapi.ts';
import { MalformedRequest, MethodNotAllowed, NotFound, TooLarge } from '#platform/problem.ts';
import { matchRoute, parseRoute } from '#platform/route.ts';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** What the pipeline itself may answer at any address. */
const ANYWHERE = [NotFound, MethodNotAllowed, MalformedRequest, TooLarge];

/** Which problems the tests of a run have met: lines of `name code`. */
export const ANSWERS = 'answers.txt';

interface Contract {
  readonly endpoints: readonly FoundEndpoint[];
  readonly groups: ReadonlyMap<string, readonly FoundEndpoint[]>;
  readonly document: Document;
  readonly validators: Map<string, ValidateFunction>;
  readonly met: Set<string>;
}
type Document = {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Responses }>>>
  >;
};
type Responses = Readonly<
  Record<string, { readonly content: { readonly 'application/json': { readonly schema: object } } }>
>;

let contract: Contract | undefined;

/** From now on every answer must be what these endpoints declare. */
export function expectConformity(endpoints: readonly FoundEndpoint[]): void {
  const named = [...pathGroups(endpoints), ...endpoints.map((one) => ({ ...one, members: [one] }))];
  contract ??= {
    endpoints,
    groups: new Map(named.map(({ name, members }) => [name, members])),
    document: openApi(endpoints) as unknown as Document,
    validators: new Map(),
    met: new Set(),
  };
}

/** Leaves which problems were met for the end of the run. */
export function leaveAnswers(recordsDir: string): void {
  if (!contract || contract.met.size === 0) return;
  appendFileSync(join(recordsDir, ANSWERS), `${[...contract.met].join('\n')}\n`);
  contract.met.clear();
}

/** Throws when an answer is not what the API document says of its endpoint. */
export function checkAnswer(method: string, path: string, answer: Answered): void {
  if (!contract) return;
  const asked = endpointsAt(contract, path);
  if (!asked) return;
  const verb = method === 'HEAD' ? 'GET' : method;
  const endpoint = asked.find(({ definition }) => definition.method === verb);
  const said =
    answer.status < 400 ? ofSuccess(contract, endpoint, answer) : ofFailure(endpoint, answer);
  if (method === 'HEAD' || method === 'OPTIONS' || !said) return;
  throw new Error(`${method} ${path.slice(0, 120)} answered ${answer.status}: ${said}`);
}

/** The endpoints at an address; undefined where something else than the API is asked. */
function endpointsAt({ endpoints, groups }: Contract, path: string) {
  const [, direct, inside = ''] = /^\/functions\/([A-Za-z0-9]+)([^?]*)/.exec(path) ?? [];
  const members = direct === undefined ? endpoints : groups.get(direct);
  const route = direct === undefined ? (path.split('?')[0] ?? '') : inside;
  if (!members || (direct === undefined && !route.startsWith('/api/'))) return undefined;
  const segments = route.split('/').filter(Boolean);
  const matching = members.filter(({ definition }) => {
    const { segments: whole, tail } = parseRoute(definition.path);
    return matchRoute({ segments: whole, tail: direct === undefined ? [] : tail }, segments);
  });
  const first = matching[0]?.definition.path.replace(/:[^/]+/g, ':');
  return matching.filter(({ definition }) => definition.path.replace(/:[^/]+/g, ':') === first);
}

function ofSuccess(
  { document, validators }: Contract,
  endpoint: FoundEndpoint | undefined,
  { status, body }: Answered,
): string | undefined {
  if (!endpoint) return 'nobody declared it';
  const { name, definition } = endpoint;
  if (status !== (definition.status ?? 200))
    return `functions/${endpoint.file}.ts declares another status`;
  const path = definition.path.replace(/:([A-Za-z]+)/g, '{$1}');
  const response =
    document.paths[path]?.[definition.method.toLowerCase()]?.responses[String(status)];
  if (!response) return 'the API document does not know it';
  const validate =
    validators.get(name) ??
    new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(
      response.content['application/json'].schema,
    );
  validators.set(name, validate);
  if (validate(body)) return undefined;
  const errors = validate.errors?.map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
  return `not what \`output\` of functions/${endpoint.file}.ts says: ${errors?.slice(0, 5).join('; ')}`;
}

function ofFailure(
  endpoint: FoundEndpoint | undefined,
  { status, headers, body }: Answered,
): string | undefined {
  const parsed = ErrorBody.strict().safeParse(body);
  if (!parsed.success) return `not an error body: ${JSON.stringify(body).slice(0, 300)}`;
  const { code } = parsed.data;
  if (code === 'internal_error') return 'a bug, see the log';
  const declared = [...ANYWHERE, ...(endpoint ? problemsOf(endpoint.definition) : [])];
  if (!declared.some(({ spec }) => spec.code === code && spec.status === status))
    return `\`${code}\` (${parsed.data.error}) is missing from \`problems\` of functions/${endpoint?.file}.ts`;
  if ((status === 429 || status === 503) && !Number(headers.get('retry-after')))
    return `no Retry-After with ${code}`;
  if (endpoint) contract?.met.add(`${endpoint.name} ${code}`);
  return undefined;
}
