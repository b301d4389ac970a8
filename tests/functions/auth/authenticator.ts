import { Secret, TOTP } from 'otpauth';
import type { Person } from '../../support/people.ts';
import type { World } from '../../support/world.ts';

export interface Authenticator {
  /** A code that is good now and was not used yet. */
  readonly freshCode: () => string;
  /** The code that activated it. */
  readonly spentCode: string;
  readonly recoveryCodes: readonly string[];
}

/** Gives somebody a second factor over HTTP; one code is spent by it. */
export async function withAuthenticator(world: World, person: Person): Promise<Authenticator> {
  const enrolled = await person.put('/api/auth/mfa', {
    action: 'enroll',
    password: person.password,
  });
  const totp = new TOTP({ secret: Secret.fromBase32(String(enrolled.body['secret'])) });
  const codeAt = (timestamp: number): string => totp.generate({ timestamp });
  const spentCode = codeAt(world.now().getTime());
  const activated = await person.put('/api/auth/mfa', { action: 'activate', code: spentCode });
  if (activated.status !== 200) throw new Error(JSON.stringify(activated.body));
  const { recoveryCodes } = activated.body as unknown as Pick<Authenticator, 'recoveryCodes'>;
  // A step ahead of the clock: accepted, and later than the step that was spent.
  const freshCode = (): string => codeAt(world.now().getTime() + 30_000);
  return { freshCode, spentCode, recoveryCodes };
}

/** Signs in as far as the second factor. */
export async function challengeOf(world: World, { email, password }: Person): Promise<string> {
  const { status, body } = await world.post('/api/auth/login', { email, password });
  if (status !== 200 || !body['mfaRequired']) throw new Error(JSON.stringify(body));
  return String(body['challenge']);
}
