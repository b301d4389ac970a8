import { z } from 'zod';
import type { FoundEndpoint } from './discover.ts';

const HEAD = `// Made by \`npm run generate\` from the endpoints' own declarations.
import type { z } from 'zod';
import { type Binding, call, type ClientOptions } from '../build/client-runtime.ts';

/** What a part of an input takes; a part that was not declared takes nothing. */
type Taken<Type> = Type extends z.ZodType
  ? unknown extends z.input<Type>
    ? Record<never, never>
    : string extends keyof z.input<Type>
      ? Record<never, never>
      : z.input<Type>
  : Record<never, never>;
type Shape<Declared, Part extends string> = Declared extends { readonly [P in Part]?: infer Type }
  ? Taken<NonNullable<Type>>
  : Record<never, never>;
type Out<Declared> = Declared extends { readonly output: infer Type extends z.ZodType }
  ? z.output<Type>
  : never;
type Input<Declared> = Shape<Declared, 'params'> &
  Shape<Declared, 'query'> &
  Shape<Declared, 'body'>;
interface CallOptions {
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}
type Method<Module extends { readonly default: unknown }> = (
  input: Input<Module['default']>,
  options?: CallOptions,
) => Promise<Out<Module['default']>>;
`;

function namesIn(schema: z.ZodType | undefined): string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((option) => namesIn(option as z.ZodType));
  return [];
}

/** The typed client's source: one method for each endpoint, typed by the endpoint itself. */
export function clientSource(endpoints: readonly FoundEndpoint[]): string {
  const sorted = [...endpoints].sort((a, b) => (a.name < b.name ? -1 : 1));
  const methods = sorted.map(
    ({ name, file }) => `  readonly ${name}: Method<typeof import('../../functions/${file}.ts')>;`,
  );
  const bindings = sorted.map(({ name, definition }) => {
    const { method, path, params, query, body } = definition;
    const queryNames = namesIn(query);
    // What the body names too is sent in both places.
    const pathNames = namesIn(params).filter((one) => !namesIn(body).includes(one));
    return `  ${name}: ${JSON.stringify({ method, path, pathNames, queryNames })},`;
  });
  return `${HEAD}
/** Every endpoint as a typed method: \`client.contentFeed({ limit: 20 })\`. */
export interface Client {
${methods.join('\n')}
}

const BINDINGS: Readonly<Record<keyof Client, Binding>> = {
${bindings.join('\n')}
};

/** A client of the API. Failures reject with an \`ApiError\` that carries the stable code. */
export const createClient = (options: ClientOptions): Client =>
  Object.fromEntries(
    Object.entries(BINDINGS).map(([name, binding]) => [
      name,
      (input: Record<string, unknown>, perCall: CallOptions = {}) =>
        call(options, binding, input, perCall),
    ]),
  ) as unknown as Client;
`;
}
