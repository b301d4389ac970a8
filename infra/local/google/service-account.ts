import { createPublicKey, generateKeyPair } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface FakeServiceAccount {
  /** What GOOGLE_APPLICATION_CREDENTIALS should name. */
  readonly path: string;
  readonly email: string;
  readonly publicKeyPem: string;
}

/**
 * A service account that no cloud knows, with a key of its own, made once and kept in `dir`:
 * Google's libraries sign URLs with it exactly as they would with a real one.
 */
export async function fakeServiceAccount(dir: string): Promise<FakeServiceAccount> {
  const path = join(dir, 'service-account.json');
  return (await read(path)) ?? (await make(dir, path));
}

async function read(path: string): Promise<FakeServiceAccount | undefined> {
  try {
    const { client_email, private_key } = JSON.parse(await readFile(path, 'utf8')) as {
      client_email: string;
      private_key: string;
    };
    const publicKeyPem = createPublicKey(private_key).export({ type: 'spki', format: 'pem' });
    return { path, email: client_email, publicKeyPem: publicKeyPem.toString() };
  } catch {
    return undefined;
  }
}

async function make(dir: string, path: string): Promise<FakeServiceAccount> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const project = 'mixillo-local';
  const email = `local@${project}.iam.gserviceaccount.com`;
  const account = {
    type: 'service_account',
    project_id: project,
    private_key_id: 'local',
    private_key: privateKey,
    client_email: email,
    client_id: '100000000000000000000',
    auth_uri: 'https://accounts.google.com/o/oauth2/auth',
    token_uri: 'https://oauth2.googleapis.com/token',
    universe_domain: 'googleapis.com',
  };
  await mkdir(dir, { recursive: true });
  const draft = `${path}.${process.pid}.tmp`;
  await writeFile(draft, JSON.stringify(account, null, 2), { mode: 0o600 });
  await rename(draft, path);
  return { path, email, publicKeyPem: publicKey };
}
