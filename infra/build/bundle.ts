import { globSync } from 'node:fs';
import { cp, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { build, type Metafile, type OutputFile, type Plugin, transform } from 'esbuild';
import { ROOT } from './discover.ts';
import { callsExpected } from './eager.ts';

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
  const { metafile, outputFiles } = await build({
    entryPoints: [...globSync(`${ROOT}functions/**/*.ts`), ...workers],
    outbase: ROOT,
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    keepNames: true,
    sourcemap: 'inline',
    metafile: true,
    write: false,
    banner: { js: BANNER },
    external: EXTERNAL,
    plugins: [englishOnly],
    logLevel: 'warning',
  });
  await Promise.all(outputFiles.map(writeMinified));
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

/** Minified in a second pass, because in the first the modules are marked by lines that minifying joins. */
async function writeMinified({ path, text }: OutputFile): Promise<void> {
  const { code, map } = await transform(callsExpected(text), {
    format: 'esm',
    target: 'node24',
    minify: true,
    legalComments: 'none',
    sourcemap: 'external',
    sourcefile: path,
  });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${code}//# sourceMappingURL=${basename(path)}.map\n`);
  await writeFile(`${path}.map`, map);
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
  await bundle();
  const files = globSync(`${OUT}/**/*.js`, { exclude: [`${OUT}/hosting/**`] });
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  console.log(
    `${relative(ROOT, OUT)}/: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB, in ${Math.round(performance.now() - began)} ms`,
  );
}
