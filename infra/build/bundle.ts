import { globSync } from 'node:fs';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { ROOT } from './discover.ts';

const OUT = join(ROOT, 'dist');

/** What may be missing at run time: optional natives of drivers that work without them. */
const EXTERNAL = [
  'kerberos',
  'snappy',
  '@mongodb-js/zstd',
  'mongodb-client-encryption',
  'socks',
  '@aws-sdk/credential-providers',
  'bufferutil',
  'utf-8-validate',
];

// Bundled CommonJS still asks for these.
const BANNER = `import { createRequire as __createRequire } from 'node:module';
import { fileURLToPath as __fileURLToPath } from 'node:url';
const require = __createRequire(import.meta.url);
const __filename = __fileURLToPath(import.meta.url);
const __dirname = __fileURLToPath(new URL('.', import.meta.url));`;

/** What clients read is decided by codes; zod's sentences in 50 languages would be most of what it weighs. */
const englishOnly: Plugin = {
  name: 'english-only',
  setup: ({ onLoad }) =>
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, ({ path }) => ({
      contents: `export { default as en } from './en.js';`,
      resolveDir: dirname(path),
    })),
};

/** Bundles every function into one artefact; what functions share is split into chunks. */
export async function bundle(outdir = OUT): Promise<Metafile> {
  await rm(outdir, { recursive: true, force: true });
  const workers = globSync(`${ROOT}shared/**/*.worker.ts`);
  const { metafile } = await build({
    entryPoints: [...globSync(`${ROOT}functions/**/*.ts`), ...workers],
    outbase: ROOT,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    keepNames: true,
    sourcemap: true,
    metafile: true,
    banner: { js: BANNER },
    external: EXTERNAL,
    plugins: [englishOnly],
    logLevel: 'warning',
  });
  await cp(join(ROOT, 'docs/openapi.json'), join(outdir, 'docs/openapi.json'));
  await cp(
    join(ROOT, 'infra/generated/functions.json'),
    join(outdir, 'infra/generated/functions.json'),
  );
  await writeFile(
    join(outdir, 'package.json'),
    `${JSON.stringify({ type: 'module', main: 'functions/main.js', engines: { node: '>=24' } })}\n`,
  );
  await hostingFiles(outdir);
  return metafile;
}

/** What hosting serves as files: the API reference. */
async function hostingFiles(outdir: string): Promise<void> {
  const docs = join(outdir, 'hosting/docs');
  await mkdir(docs, { recursive: true });
  const ui = join(ROOT, 'node_modules/swagger-ui-dist');
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    await cp(join(ui, name), join(docs, name));
  await cp(join(ROOT, 'infra/build/docs.html'), join(docs, 'index.html'));
}

if (import.meta.main) {
  const began = performance.now();
  const { outputs } = await bundle();
  const code = Object.entries(outputs).filter(([path]) => path.endsWith('.js'));
  const bytes = code.reduce((sum, [, output]) => sum + output.bytes, 0);
  const main = await stat(join(OUT, 'functions/main.js'));
  console.log(
    `${relative(ROOT, OUT)}/: ${code.length} files, ${(bytes / 1e6).toFixed(1)} MB, main ${main.size} bytes, in ${Math.round(performance.now() - began)} ms`,
  );
}
