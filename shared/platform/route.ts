/** A pattern such as `/api/content/:id/like`, ready to be matched. */
export interface Route {
  readonly segments: readonly string[];
  /** What is left of the pattern where a function is called by its own address. */
  readonly tail: readonly string[];
}

export function parseRoute(path: string): Route {
  const segments = path.split('/').filter(Boolean);
  const first = segments.findIndex((segment) => segment.startsWith(':'));
  return { segments, tail: first === -1 ? [] : segments.slice(first) };
}

function match(pattern: readonly string[], path: readonly string[]) {
  if (pattern.length !== path.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of pattern.entries()) {
    const given = path[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = given;
    else if (segment !== given) return undefined;
  }
  return params;
}

/**
 * The parameters of a path: of the whole path as hosting sees it, or of what follows the
 * function's own address.
 */
export const matchRoute = ({ segments, tail }: Route, path: readonly string[]) =>
  match(segments, path) ?? match(tail, path);

/**
 * Which of two patterns a router must try first: the one with the fixed segment where they first
 * differ in kind, so that `/featured` is never taken for an id.
 */
export function bySpecificity(one: string, other: string): number {
  const [a, b] = [parseRoute(one).segments, parseRoute(other).segments];
  if (a.length !== b.length) return b.length - a.length;
  for (const [index, segment] of a.entries()) {
    const difference = Number(segment.startsWith(':')) - Number((b[index] ?? '').startsWith(':'));
    if (difference !== 0) return difference;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}
