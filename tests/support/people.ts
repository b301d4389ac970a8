import { randomBytes } from 'node:crypto';
import { type Caller, callerOf } from './caller.ts';

export interface Person extends Caller {
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly password: string;
  token: string;
  refreshToken: string;
}

export const PASSWORD = 'Password123!';

/** Registers somebody over HTTP. */
export async function register(url: string, name: string): Promise<Person> {
  const username = `${name}_${randomBytes(4).toString('hex')}`;
  const email = `${username}@example.com`;
  const registration = { username, email, password: PASSWORD };
  const { status, body } = await callerOf(url).post('/api/auth/register', registration);
  if (status !== 201) throw new Error(`register ${username}: ${status} ${JSON.stringify(body)}`);
  const person: Person = {
    id: String(body['user']?.['id']),
    username,
    email,
    password: PASSWORD,
    token: String(body['token']),
    refreshToken: String(body['refreshToken']),
    ...callerOf(url, () => person.token),
  };
  return person;
}

/** Signs people in once more, by the clock as it was moved. */
export async function signInAgain(
  { post }: Pick<Caller, 'post'>,
  ...people: readonly Person[]
): Promise<void> {
  for (const person of people) {
    const { email, password } = person;
    const { status, body } = await post('/api/auth/login', { email, password });
    if (status !== 200) throw new Error(`login ${email}: ${status} ${JSON.stringify(body)}`);
    person.token = String(body['token']);
  }
}

/** Lets one person follow another. */
export async function follows(follower: Person, followee: Person): Promise<void> {
  const { status } = await follower.post(`/api/users/${followee.id}/follow`);
  if (status !== 200) throw new Error(`follow: ${status}`);
}
