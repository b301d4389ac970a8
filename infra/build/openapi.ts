import { z } from 'zod';
import { needsActor } from '#platform/access.ts';
import type { AnyEndpoint } from '#platform/endpoint.ts';
import {
  AccountRestricted,
  AdminRequired,
  EmailNotVerified,
  IdempotencyKeyMissing,
  IdempotencyKeyReused,
  InvalidCursor,
  InvalidId,
  InvalidToken,
  MalformedJson,
  NoToken,
  NotFound,
  PermissionRequired,
  type ProblemClass,
  RateLimited,
  RequestInProgress,
  SellerRequired,
  TokenExpired,
  TooLarge,
  Unavailable,
  UnsupportedMediaType,
  UserNotFound,
  ValidationFailed,
} from '#platform/problem.ts';
import type { FoundEndpoint } from './discover.ts';
import { WEBHOOK_HEADERS, webhookOperations } from './partner-webhooks.ts';

type Json = Readonly<Record<string, unknown>>;

/** Every problem an endpoint may answer with: what its declaration implies, and what it names. */
export function problemsOf(definition: AnyEndpoint): ProblemClass[] {
  const { access, body, params, query, method, idempotency, problems = [] } = definition;
  const hasInput = body !== undefined || params !== undefined || query !== undefined;
  return [
    ...(hasInput || method === 'GET' ? [ValidationFailed] : []),
    ...(params ? [NotFound] : []),
    ...([params, query, body].some(asksForId) ? [InvalidId] : []),
    ...(query && 'cursor' in query.shape ? [InvalidCursor] : []),
    ...(method === 'GET' ? [] : [MalformedJson, UnsupportedMediaType, TooLarge, ValidationFailed]),
    ...(needsActor(access) ? [NoToken] : []),
    ...(needsActor(access) || access === 'optional'
      ? [InvalidToken, TokenExpired, UserNotFound, AccountRestricted]
      : []),
    ...(access === 'seller' ? [SellerRequired] : []),
    ...(access === 'verified' ? [EmailNotVerified] : []),
    ...(access.startsWith('staff:') ? [AdminRequired, PermissionRequired] : []),
    ...(idempotency === 'required' ? [IdempotencyKeyMissing] : []),
    ...(idempotency ? [IdempotencyKeyReused, RequestInProgress] : []),
    RateLimited,
    ...(definition.database === false ? [] : [Unavailable]),
    ...problems,
  ].filter((one, index, all) => all.indexOf(one) === index);
}

const schema = (shape: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return rest;
};

/** Whether some part of an input is an id of ours, which is refused by a problem of its own. */
const asksForId = (shape: z.ZodType | undefined): boolean =>
  shape !== undefined && JSON.stringify(schema(shape, 'input')).includes('[0-9a-f]{24}');

const parameters = (shape: z.ZodObject | undefined, where: 'path' | 'query'): Json[] => {
  if (!shape) return [];
  const { properties = {}, required = [] } = schema(shape, 'input') as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'Chosen by the client for one intention; a repeat is given the first answer.',
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};

function requestBody({ body, upload, method, access }: AnyEndpoint): Json | undefined {
  if (method === 'GET' || access === 'signed' || (!body && !upload)) return undefined;
  const json = body ? schema(body, 'input') : { type: 'object' };
  const form = upload && {
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: [upload.field],
        properties: { [upload.field]: { type: 'string', format: 'binary' } },
        additionalProperties: { type: 'string' },
      },
    },
  };
  return { content: { 'application/json': { schema: json }, ...form } };
}

const ERROR = { $ref: '#/components/schemas/Error' };

function responses(definition: AnyEndpoint): Json {
  const byStatus = Map.groupBy(problemsOf(definition), ({ spec }) => spec.status);
  const failures = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, problems]) => [
      String(status),
      {
        description: problems.map(({ spec }) => `\`${spec.code}\`: ${spec.error}`).join('. '),
        content: { 'application/json': { schema: ERROR } },
      },
    ]);
  return {
    [String(definition.status ?? 200)]: {
      description: 'Done.',
      content: { 'application/json': { schema: schema(definition.output, 'output') } },
    },
    ...Object.fromEntries(failures),
  };
}

function operation({ name, room, definition }: FoundEndpoint): Json {
  const { access, idempotency, rateLimit } = definition;
  const body = requestBody(definition);
  return {
    operationId: name,
    tags: [room],
    summary: definition.summary,
    'x-access': access,
    'x-rate-limit': `${rateLimit.limit} per ${rateLimit.windowSeconds} s by ${rateLimit.by}`,
    security: needsActor(access)
      ? [{ bearer: [] }]
      : access === 'optional'
        ? [{}, { bearer: [] }]
        : [],
    parameters: [
      ...parameters(definition.params, 'path'),
      ...parameters(definition.query, 'query'),
      ...(idempotency ? [{ ...IDEMPOTENCY_KEY, required: idempotency === 'required' }] : []),
    ],
    ...(body && { requestBody: body }),
    responses: responses(definition),
  };
}

/** The OpenAPI 3.1 document of all endpoints, and of what is posted to partners. */
export function openApi(endpoints: readonly FoundEndpoint[]): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const one of endpoints) {
    const path = one.definition.path.replace(/:([A-Za-z]+)/g, '{$1}');
    paths[path] = { ...paths[path], [one.definition.method.toLowerCase()]: operation(one) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Mixillo',
      version: '1.0.0',
      description:
        'Ids are 24 hexadecimal digits. Times are ISO 8601 in UTC. Amounts are whole minor units. Text is plain and must be escaped by whoever shows it. Every error has a stable `code` and the `requestId` to quote.',
    },
    servers: [{ url: '/' }],
    paths,
    webhooks: webhookOperations(),
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      parameters: Object.fromEntries(WEBHOOK_HEADERS.map((one) => [one.name, one])),
      schemas: { Error: schema(ErrorBody, 'output') },
    },
  };
}

/** The shape of every answer that is not a success. */
export const ErrorBody = z.object({
  error: z.string(),
  code: z.string(),
  details: z.array(z.string()).optional(),
  field: z.string().optional(),
  current: z.unknown().optional(),
  until: z.string().nullable().optional(),
  caseId: z.string().optional(),
  limitBytes: z.int().optional(),
  requestId: z.string(),
});
