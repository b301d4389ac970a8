/** The first field of the unique index that refused a write; undefined for any other error. */
export function duplicateKey(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, keyPattern } = error as { code?: unknown; keyPattern?: Record<string, unknown> };
  if (code !== 11_000) return undefined;
  return Object.keys(keyPattern ?? {})[0] ?? 'unknown';
}
