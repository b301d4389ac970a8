import { DEFAULT_MAX_ATTEMPTS } from '#platform/consumer.ts';
import type { Resources } from '#platform/endpoint.ts';
import { type Functions, kebab, pathGroups } from './discover.ts';

const DEFAULTS = {
  memoryMb: 256,
  timeoutSeconds: 60,
  concurrency: 80,
  minInstances: 0,
  maxInstances: 10,
};
const withDefaults = (resources: Resources = {}) => ({ ...DEFAULTS, ...resources });

/** What a deployment needs to know of every target: files, resources, and what calls it. */
export function manifest(functions: Functions) {
  const { endpoints, consumers, triggers, jobs } = functions;
  const targets: Record<string, object> = {};
  const add = (name: string, files: readonly string[], facts: object): void => {
    targets[name] = { service: kebab(name), files, ...facts };
  };
  for (const { name, file, definition } of endpoints) {
    const { method, path, access, idempotency, resources } = definition;
    add(name, [file], {
      kind: 'endpoint',
      method,
      path,
      access,
      ...(idempotency && { idempotency }),
      ...withDefaults(resources),
    });
  }
  for (const { name, path, members } of pathGroups(endpoints).filter(
    (one) => one.members.length > 1,
  ))
    add(
      name,
      members.map(({ file }) => file),
      { kind: 'group', path, ...withDefaults() },
    );
  for (const { name, file, definition } of consumers)
    add(name, [file], {
      kind: 'consumer',
      topic: definition.on[0].topic,
      types: definition.on.map(({ type }) => type),
      maxAttempts: definition.maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
      deadLetterTopic: 'dead-letter',
      ...withDefaults(definition.resources),
    });
  for (const { name, file, definition } of triggers)
    add(name, [file], {
      kind: 'trigger',
      bucket: definition.bucket,
      event: 'google.cloud.storage.object.v1.finalized',
      ...withDefaults(definition.resources),
    });
  for (const { name, file, definition } of jobs)
    add(name, [file], {
      kind: 'job',
      topic: 'jobs',
      schedule: definition.schedule,
      ...withDefaults({
        timeoutSeconds: definition.timeoutSeconds ?? 300,
        ...definition.resources,
      }),
    });
  return { targets };
}
