import { type FoundEndpoint, kebab, pathGroups } from './discover.ts';

export interface Rewrite {
  readonly source: string;
  readonly run: { readonly serviceId: string; readonly region: string };
}

const REGION = 'europe-west1';
/** The service whose kernel answers for paths that nobody serves: 404 as JSON, like every error. */
const NOBODY = 'health';

/**
 * Hosting's rewrites, first match wins: most specific paths first. A method is never matched here;
 * a path with several methods leads to its group.
 */
export const rewritesFor = (endpoints: readonly FoundEndpoint[]): Rewrite[] => [
  ...pathGroups(endpoints).map(({ name, path }) => ({
    source: path.replace(/:[^/]+/g, '*'),
    run: { serviceId: kebab(name), region: REGION },
  })),
  ...['/api', '/api/**'].map((source) => ({ source, run: { serviceId: NOBODY, region: REGION } })),
];
