import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ApiError } from '../../build/client-runtime.ts';
import { type Client, createClient } from '../../generated/client.ts';
import { must } from './script.ts';

export const PASSWORD = 'Password123!';

/** Somebody who uses the app through the typed client. */
export interface Person {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly client: Client;
  refreshToken: string;
  token: string;
}

/** A fresh key for one intention. */
export const intention = () => ({ idempotencyKey: randomUUID() });

export async function newcomer(url: string, name: string): Promise<Person> {
  const username = `${name}_${randomBytes(3).toString('hex')}`;
  const email = `${username}@mixillo.test`;
  let person: Person | undefined;
  const client = createClient({ baseUrl: url, token: () => person?.token });
  const { user, token, refreshToken } = await client.authRegister({
    username,
    email,
    password: PASSWORD,
  });
  must(token, 'a token');
  person = { id: user.id, username, email, client, token, refreshToken };
  return person;
}

/** Signs in somebody with a fixed name, who is registered first where that was never done. */
export async function signIn(url: string, username: string, email: string) {
  let person: Person | undefined;
  const client = createClient({ baseUrl: url, token: () => person?.token });
  const registered = await client
    .authRegister({ username, email, password: PASSWORD })
    .catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'duplicate_entry') return undefined;
      throw error;
    });
  const entered = registered ?? (await client.authLogin({ email, password: PASSWORD }));
  if (!('user' in entered)) throw new Error(`${email} signs in with a second factor`);
  const { user, token, refreshToken } = entered;
  person = { id: user.id, username, email, client, token, refreshToken };
  return { person, isNew: registered !== undefined };
}

/** A new access token for the refresh token, which is spent with that. */
export async function renew(person: Person): Promise<void> {
  const { token, refreshToken } = await person.client.authRefresh({
    refreshToken: person.refreshToken,
  });
  person.token = token;
  person.refreshToken = refreshToken;
}

/** Sends a file the way an app does: announce it, then PUT the bytes to the session. */
export async function upload(
  { client }: Person,
  path: string,
  purpose: 'video' | 'story' | 'product',
  contentType: string,
): Promise<string> {
  const bytes = await readFile(path);
  const { asset, upload: session } = await client.mediaCreateUpload(
    { purpose, bytes: bytes.length, mime: contentType },
    intention(),
  );
  const { status } = await fetch(session.url, {
    method: session.method,
    headers: session.headers,
    body: bytes,
  });
  must(status === 200 || status === 201, `the bucket to take the bytes, not ${status}`);
  return asset.id;
}
