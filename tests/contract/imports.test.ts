import { globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '#build/bundle.ts';
import { discover, ROOT } from '#build/discover.ts';

const { endpoints, consumers, triggers, jobs } = await discover();
const functions = [...endpoints, ...consumers, ...triggers, ...jobs];

/** Costs tens to hundreds of milliseconds to load: only whoever needs it, when it is needed. */
const HEAVY = [
  ...['@google-cloud/pubsub', '@google-cloud/storage', '@google-cloud/speech'],
  ...['@google-cloud/firestore', 'google-gax', 'google-auth-library', '@grpc/grpc-js'],
  ...['ably', 'stripe', 'nodemailer', 'otpauth', '@fastify/busboy', 'file-type', 'bcryptjs'],
  'agora-token',
];

describe('what a function loads when it starts', () => {
  let outdir: string;
  let outputs: Metafile['outputs'];

  beforeAll(async () => {
    outdir = await mkdtemp(join(tmpdir(), 'mixillo-bundle-'));
    ({ outputs } = await bundle(outdir));
  });
  afterAll(() => rm(outdir, { recursive: true, force: true }));

  /** The packages in the files that an entry imports statically, however far. */
  function packagesOf(...entries: readonly string[]): Set<string> {
    const packages = new Set<string>();
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      const output = outputs[path];
      for (const input of Object.keys(output?.inputs ?? {})) {
        const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
        if (name !== undefined) packages.add(name);
      }
      for (const one of output?.imports ?? []) if (one.kind === 'import-statement') visit(one.path);
    };
    for (const entry of entries) visit(outputOf(entry));
    return packages;
  }

  /** The built file of an entry, or the chunk that a lazily imported source became. */
  function outputOf(source: string): string {
    const found = Object.entries(outputs).find(
      ([, { entryPoint }]) => entryPoint !== undefined && entryPoint.endsWith(source),
    );
    if (!found) throw new Error(`${source} is not in the bundle`);
    return found[0];
  }

  test.each(functions)('$name loads no heavy library', ({ file, definition: { kind } }) => {
    const loaded = packagesOf(
      'functions/main.ts',
      `functions/${file}.ts`,
      `shared/platform/serve-${kind}.ts`,
    );

    expect(HEAVY.filter((name) => loaded.has(name))).toEqual([]);
  });

  test.each(endpoints.filter(({ definition }) => definition.database === false))(
    '$name, which needs no database, loads no driver',
    ({ file }) => {
      const loaded = packagesOf(
        'functions/main.ts',
        `functions/${file}.ts`,
        'shared/platform/serve-endpoint.ts',
      );

      expect([loaded.has('mongoose'), loaded.has('mongodb')]).toEqual([false, false]);
    },
  );
});

test('no function awaits anything while it is loaded', async () => {
  const entryPoints = functions.map(({ file }) => `${ROOT}functions/${file}.ts`);

  // In this format the bundler refuses an await outside of a function, wherever it is.
  const { errors } = await build({
    entryPoints,
    bundle: true,
    write: false,
    outdir: '/nowhere',
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    packages: 'external',
    logLevel: 'silent',
  }).catch((failed: { readonly errors: readonly { readonly text: string }[] }) => failed);

  expect(errors.map(({ text }) => text)).toEqual([]);
});

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import between files of the repository, by their paths below its root. */
function importsOf(pattern: string): Import[] {
  return globSync(`${ROOT}${pattern}`).flatMap((path) => {
    const from = relative(ROOT, path);
    const source = readFileSync(path, 'utf8');
    const named = [...source.matchAll(/(?:from|import|import\()\s*'([^']+)'/g)];
    return named.map(([, specifier = '']) => ({ from, to: target(from, specifier) }));
  });
}

const FOLDERS: Readonly<Record<string, string>> = {
  '#functions/': 'functions/',
  '#domain/': 'shared/domain/',
  '#platform/': 'shared/platform/',
  '#local/': 'infra/local/',
  '#build/': 'infra/build/',
};

function target(from: string, specifier: string): string {
  if (specifier.startsWith('.')) return relative(ROOT, join(ROOT, from, '..', specifier));
  const prefix = Object.keys(FOLDERS).find((one) => specifier.startsWith(one));
  return prefix ? `${FOLDERS[prefix]}${specifier.slice(prefix.length)}` : specifier;
}

const roomOf = (path: string): string | undefined => /^shared\/domain\/([^/]+)\//.exec(path)?.[1];
const shown = ({ from, to }: Import): string => `${from} → ${to}`;

describe('the rooms of the house', () => {
  const product = importsOf('{functions,shared}/**/*.ts');

  test('the product knows nothing of the tools around it', () => {
    const outside = product.filter(({ to }) => /^(?:infra|tests|bench)\//.test(to));

    expect(outside.map(shown)).toEqual([]);
  });

  test('imports go from functions to rooms to the platform', () => {
    const upwards = product.filter(
      ({ from, to }) =>
        (from.startsWith('shared/') && to.startsWith('functions/')) ||
        (from.startsWith('shared/platform/') && to.startsWith('shared/domain/')),
    );

    expect(upwards.map(shown)).toEqual([]);
  });

  test('a model is known to its own room only', () => {
    const strangers = product.filter(
      ({ from, to }) => roomOf(to) !== roomOf(from) && roomOf(to) && to.endsWith('.model.ts'),
    );

    expect(strangers.map(shown)).toEqual([]);
  });

  test('rooms need each other in one direction only', () => {
    const needs = new Map<string, Set<string>>();
    for (const { from, to } of product) {
      const [room, other] = [roomOf(from), roomOf(to)];
      if (room && other && room !== other)
        needs.set(room, (needs.get(room) ?? new Set()).add(other));
    }
    const circle = (room: string, way: readonly string[] = []): readonly string[] | undefined =>
      way.includes(room)
        ? [...way.slice(way.indexOf(room)), room]
        : [...(needs.get(room) ?? [])]
            .map((other) => circle(other, [...way, room]))
            .find((found) => found !== undefined);

    const circles = [...needs.keys()].flatMap((room) => circle(room)?.join(' → ') ?? []);

    expect(circles).toEqual([]);
  });
});
