import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { callsExpected } from '#build/eager.ts';

/** As the bundle is built, of one module that another asks for. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import answer from './answer'; export const got = answer;`,
      resolveDir: '/',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
    plugins: [
      {
        name: 'answer',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^\.\/answer$/ }, () => ({ path: 'answer.cjs', namespace: 'text' }));
          onLoad({ filter: /.*/, namespace: 'text' }, () => ({
            contents:
              'const twice = (n) => n * 2;\nmodule.exports = [twice(21), this === exports];',
          }));
        },
      },
    ],
  });
  return outputFiles[0]?.text ?? '';
}

test('a bundled module is marked as a function that will be called, and runs as before', async () => {
  const before = await bundled();
  const after = callsExpected(before);
  expect(before).toMatch(/\(exports, module\) \{$/m);
  expect(after).toMatch(/: \(function\(exports, module\) \{$/m);
  const { got } = await import(`data:text/javascript,${encodeURIComponent(after)}`);
  expect(got).toEqual([42, true]);
});

test('code without modules to wrap is left as it is', () => {
  const code = 'const a = {\n  b() {\n    return 1;\n  }\n};\nf({\n  c() {\n  }\n});\n';
  expect(callsExpected(code)).toBe(code);
});
