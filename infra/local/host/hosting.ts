import type { RequestListener } from 'node:http';
import { createRequire } from 'node:module';
import type { Rewrite } from '#build/rewrites.ts';
import { sendBareProblem } from '#platform/bare.ts';
import { NotFound } from '#platform/problem.ts';

// Required, not imported: loaders disagree on what the default of this CommonJS module is.
const superstatic = createRequire(import.meta.url)('superstatic') as typeof import('superstatic');

type Targets = ReadonlyMap<string, RequestListener>;

/** Firebase Hosting's own matcher over our generated rewrites, each led to its function. */
export function hosting(rewrites: readonly Rewrite[], targets: Targets): RequestListener {
  const toFunction = async (rewrite: Rewrite): Promise<RequestListener> => {
    const target = targets.get(rewrite.run.serviceId);
    if (!target) throw new Error(`No function serves ${rewrite.source}`);
    return target;
  };
  const handle = superstatic.default({
    config: { rewrites: rewrites as never },
    // No file stands in the way of a rewrite: whatever is asked for, the provider has nothing.
    provider: () => Promise.resolve(null),
    rewriters: { run: toFunction },
    compression: false,
  }) as unknown as (...call: [...Parameters<RequestListener>, () => void]) => void;
  return (req, res) => handle(req, res, () => sendBareProblem(res, new NotFound()));
}
