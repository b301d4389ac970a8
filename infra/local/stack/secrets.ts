import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const NAMES = ['JWT_SECRET', 'REFRESH_TOKEN_SECRET', 'CURSOR_SECRET', 'DATA_ENCRYPTION_KEY'];

/** The product's own secrets for this clone: made once, so that what they signed outlives a restart. */
export async function localSecrets(dir: string): Promise<Record<string, string>> {
  const file = join(dir, 'secrets.json');
  const existing = await readFile(file, 'utf8').catch(() => undefined);
  if (existing) return JSON.parse(existing) as Record<string, string>;
  const secrets = Object.fromEntries(
    NAMES.map((name) => [name, randomBytes(32).toString('base64url')]),
  );
  await mkdir(dir, { recursive: true });
  await writeFile(file, JSON.stringify(secrets), { mode: 0o600 });
  return secrets;
}
