import type { HttpFunction } from '@google-cloud/functions-framework';
import type { AnyConsumer } from './consumer.ts';
import type { AnyEndpoint } from './endpoint.ts';
import type { AnyJob } from './job.ts';
import type { Ports } from './serve-endpoint.ts';
import type { AnyTrigger } from './trigger.ts';

export type Declaration = AnyEndpoint | AnyConsumer | AnyTrigger | AnyJob;

export interface Declared {
  readonly name: string;
  readonly definition: Declaration;
}

/** The HTTP handler of one declaration, or of a group of endpoints that share a path. */
export async function handlerOf(members: readonly Declared[], ports: Ports): Promise<HttpFunction> {
  const [first] = members;
  if (!first) throw new Error('A target has at least one function');
  const { name, definition } = first;
  switch (definition.kind) {
    case 'endpoint': {
      const { serveEndpoints } = await import('./serve-endpoint.ts');
      return serveEndpoints(members.filter(isEndpoint), ports);
    }
    case 'consumer':
      return (await import('./serve-consumer.ts')).serveConsumer(name, definition);
    case 'trigger':
      return (await import('./serve-trigger.ts')).serveTrigger(name, definition);
    case 'job':
      return (await import('./serve-job.ts')).serveJob(name, definition);
  }
}

const isEndpoint = (
  one: Declared,
): one is { readonly name: string; readonly definition: AnyEndpoint } =>
  one.definition.kind === 'endpoint';
