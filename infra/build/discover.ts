import { globSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyConsumer } from '#platform/consumer.ts';
import type { AnyEndpoint } from '#platform/endpoint.ts';
import type { AnyJob } from '#platform/job.ts';
import { bySpecificity } from '#platform/route.ts';
import type { Declaration } from '#platform/serve.ts';
import type { AnyTrigger } from '#platform/trigger.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FUNCTIONS = `${ROOT}functions/`;

interface Found<Definition> {
  /** `contentGet`, from `content-get.ts`. */
  readonly name: string;
  readonly room: string;
  /** Below `functions/`, without the extension. */
  readonly file: string;
  readonly definition: Definition;
}
export type FoundEndpoint = Found<AnyEndpoint>;
export type FoundConsumer = Found<AnyConsumer>;
export type FoundTrigger = Found<AnyTrigger>;
export type FoundJob = Found<AnyJob>;

export interface Functions {
  readonly endpoints: readonly FoundEndpoint[];
  readonly consumers: readonly FoundConsumer[];
  readonly triggers: readonly FoundTrigger[];
  readonly jobs: readonly FoundJob[];
}

const KINDS = { '': 'endpoint', consumer: 'consumer', trigger: 'trigger', job: 'job' } as const;
const FILE = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?:\.(consumer|trigger|job))?\.ts$/;

const camel = (stem: string): string =>
  stem.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
/** `contentGet` as a service is called: `content-get`. */
export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Every function there is, read from the files below `functions/`. Refuses a file that breaks the rules. */
export async function discover(): Promise<Functions> {
  const paths = globSync(`${FUNCTIONS}*/*.ts`).sort();
  const found = await Promise.all(paths.map(load));
  const names = new Set<string>();
  for (const { name, file } of found) {
    if (names.has(name)) throw new Error(`functions/${file}: another function is called ${name}`);
    names.add(name);
  }
  const of = <Kind extends Declaration['kind']>(kind: Kind) =>
    found.filter(({ definition }) => definition.kind === kind) as unknown as Found<
      Extract<Declaration, { kind: Kind }>
    >[];
  const endpoints = of('endpoint').sort((a, b) =>
    bySpecificity(a.definition.path, b.definition.path),
  );
  return { endpoints, consumers: of('consumer'), triggers: of('trigger'), jobs: of('job') };
}

async function load(path: string): Promise<Found<Declaration>> {
  const inside = relative(FUNCTIONS, path);
  const [, stem, suffix = ''] = FILE.exec(basename(path)) ?? [];
  if (!stem)
    throw new Error(
      `functions/${inside}: name it <verb-noun>.ts, or .consumer.ts, .trigger.ts, .job.ts`,
    );
  const module: { default?: Declaration } = await import(pathToFileURL(path).href);
  const definition = module.default;
  const expected = KINDS[suffix as keyof typeof KINDS];
  if (definition?.kind !== expected)
    throw new Error(`functions/${inside}: its default export must be a ${expected}()`);
  return {
    name: camel(stem),
    room: dirname(inside),
    file: inside.replace(/\.ts$/, ''),
    definition,
  };
}

/** One deployed address: an endpoint of its own path, or several that share it. */
export interface PathGroup {
  readonly name: string;
  readonly path: string;
  readonly members: readonly FoundEndpoint[];
}

const shapeOf = (path: string): string => path.replace(/:[^/]+/g, ':');

/**
 * Endpoints by path, most specific first. Hosting cannot match methods, so endpoints that share a
 * pattern are reached through one group that dispatches to them.
 */
export function pathGroups(endpoints: readonly FoundEndpoint[]): PathGroup[] {
  const byShape = Map.groupBy(endpoints, ({ definition }) => shapeOf(definition.path));
  return [...byShape.values()].map((members) => {
    const [first] = members;
    if (!first) throw new Error('unreachable: a group has a member');
    const methods = new Set(members.map(({ definition }) => definition.method));
    if (methods.size !== members.length)
      throw new Error(`Two functions answer the same method of ${first.definition.path}`);
    const { path } = first.definition;
    return { name: members.length === 1 ? first.name : groupName(path), path, members };
  });
}

/** `/api/content/:id/like` → `pathContentIdLike` */
const groupName = (path: string): string =>
  camel(
    `path${path
      .replace(/^\/api/, '')
      .replace(/[/:.]+/g, '-')
      .toLowerCase()}`,
  );
